import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadCatalogue } from '../catalogue/load.ts';
import { loadRules } from '../catalogue/rules/load.ts';
import { printRules } from '../catalogue/rules/print.ts';
import type { Config } from '../config.ts';
import { completed } from '../core/rules/book.ts';
import { type RulesNote, rulesNote } from '../store/rules-note.ts';
import { Failure } from './failure.ts';
import { configOf, withLedger } from './ledger.ts';

const told = (lines: readonly string[], kind: string): void => {
  for (const line of lines) console.error(`${line}${kind}`);
};

/** Looking at the rules makes no ledger: an embedded one that is not there yet holds none. */
const hasLedger = ({ ledger }: Config): boolean => ledger.kind !== 'sqlite' || existsSync(ledger.path);

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const check = new Command('check')
  .description('check a rules file: everything that is wrong in it, by line; exit code 1 where something is')
  .argument('<file>', 'e.g. rules.yaml')
  .action(async (file: string) => {
    if (!existsSync(file)) throw new Failure(`${file}: there is no such file`, 2);
    const { rules, version, errors, warnings } = await loadRules(file, await loadCatalogue());
    told(warnings, ' (warning)');
    told(errors, '');
    if (rules === null) throw new Failure(`${file}: ${count(errors.length, 'error')}`);
    const found = warnings.length > 0 ? `, ${count(warnings.length, 'warning')}` : '';
    console.log(`${file}: good, ${count(rules.overrides.length, 'override')}${found}, version ${version}`);
  });

const commented = (text: string): string => `# ${text}\n`;

const heading = ({ version, toldAtMs, file, refused }: RulesNote): string =>
  commented(
    `version ${version}, in the log since ${new Date(toldAtMs).toISOString()}, from ${file ?? 'no file: the defaults'}`,
  ) +
  (refused === null
    ? ''
    : [`what stands in the file since ${new Date(refused.atMs).toISOString()} is refused:`, ...refused.errors]
        .map(commented)
        .join(''));

/** What the service told its log last; null where none has run here yet. */
const noteOf = async (command: Command): Promise<RulesNote | null> =>
  hasLedger(configOf(command)) ? withLedger(command, (ledger) => rulesNote(ledger)) : null;

const show = new Command('show')
  .description('print the rules in force as a file that says the same; also while the service runs')
  .option('--file', 'print what PRECALL_RULES says now instead, with the defaults filled in')
  .action(async (options: { file?: boolean }, command: Command) => {
    const note = options.file ? null : await noteOf(command);
    if (note !== null) {
      process.stdout.write(heading(note) + printRules(completed(note.rules)));
      return;
    }
    const { rulesPath } = configOf(command);
    const { rules, version, errors } = await loadRules(rulesPath, await loadCatalogue());
    told(errors, '');
    if (rules === null) throw new Failure(`PRECALL_RULES=${rulesPath}: ${count(errors.length, 'error')}`);
    const from = rulesPath === null ? 'no file: the defaults' : resolve(rulesPath);
    process.stdout.write(commented(`version ${version}, not in force yet, from ${from}`) + printRules(rules));
  });

export const rulesCommand = (): Command =>
  new Command('rules')
    .description('parameters of the detectors, and who is told of a ticket in turn (docs/rules.md)')
    .addCommand(check)
    .addCommand(show);
