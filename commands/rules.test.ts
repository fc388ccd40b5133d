import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import { readRules } from '../catalogue/rules/read.ts';
import { DEFAULT_RULES } from '../core/rules/rules.ts';
import { putRulesNote, type RulesNote } from '../store/rules-note.ts';
import { openSqliteLedger } from '../store/sqlite/ledger.ts';
import { rulesCommand } from './rules.ts';

const catalogue = await loadCatalogue();
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-rules-'));
  file = join(folder, 'rules.yaml');
  vi.stubEnv('PRECALL_DATA', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

interface Printed {
  readonly out: string;
  readonly err: readonly string[];
  readonly failure: { readonly message: string; readonly exitCode: number } | null;
}

const run = async (...args: readonly string[]): Promise<Printed> => {
  let out = '';
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    out += `${line}\n`;
  });
  vi.spyOn(console, 'error').mockImplementation((line: string) => void err.push(line));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  try {
    await new Command().addCommand(rulesCommand()).parseAsync(['rules', ...args], { from: 'user' });
    return { out, err, failure: null };
  } catch (failure) {
    return { out, err, failure: failure as Printed['failure'] };
  } finally {
    vi.restoreAllMocks();
  }
};

const note = (over: Partial<RulesNote> = {}): RulesNote => ({
  ...{ log: 'l', offset: 3, version: 'abc', rules: DEFAULT_RULES, toldAtMs: 0, file, warnings: [] },
  refused: null,
  ...over,
});
const told = async (over: Partial<RulesNote> = {}): Promise<void> => {
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), clock: () => 0 });
  await putRulesNote(ledger, note(over));
  await ledger.close();
};

test('check tells everything that is wrong, by line, and fails', async () => {
  await writeFile(file, 'detectors:\n  stuck: { for: soon }\n  levle: {}\n');
  const { out, err, failure } = await run('check', file);
  expect(err).toEqual([
    `${file}:2:17: detectors.stuck.for: expected a duration such as 90s or 14d, got "soon"`,
    `${file}:3:3: detectors.levle: is not known; did you mean level?`,
  ]);
  expect([out, failure?.message, failure?.exitCode]).toEqual(['', `${file}: 2 errors`, 1]);
});

test('check is content with a good file, and says what it warns of', async () => {
  await writeFile(file, 'overrides: [{ metric: hoistCurentA, detectors: { level: { sigmas: 4 } } }]\n');
  const { out, err, failure } = await run('check', file);
  expect(failure).toBeNull();
  expect(out).toMatch(/: good, 1 override, 1 warning, version [0-9a-f]{12}\n$/);
  expect(err.length).toBe(1);
  expect(err[0]).toMatch(/^\S+:1:23: .*did you mean hoistCurrentA\? \(warning\)$/);
});

test('check of no file is wrong usage', async () => {
  const { failure } = await run('check', join(folder, 'none.yaml'));
  expect(failure?.exitCode).toBe(2);
});

test('show prints what was told to the log last, as a file that says the same', async () => {
  await told({ refused: { atMs: 0, errors: ['rules.yaml:1:1: is not YAML'] } });
  const { out } = await run('show');
  expect(out).toContain(`# version abc, in the log since 1970-01-01T00:00:00.000Z, from ${file}\n`);
  expect(out).toContain('is refused:\n# rules.yaml:1:1: is not YAML\n');
  expect(readRules(out, catalogue).rules).toEqual(DEFAULT_RULES);
});

test('show prints what the file says where no service has run yet, or when asked to', async () => {
  await writeFile(file, 'detectors: { level: { sigmas: 4 } }\n');
  vi.stubEnv('PRECALL_RULES', file);
  const before = await run('show');
  expect(before.out).toContain('not in force yet');
  expect(readRules(before.out, catalogue).rules?.detectors.level.sigmas).toBe(4);
  await told();
  expect(readRules((await run('show')).out, catalogue).rules?.detectors.level.sigmas).toBe(3);
  expect(readRules((await run('show', '--file')).out, catalogue).rules?.detectors.level.sigmas).toBe(4);
});
