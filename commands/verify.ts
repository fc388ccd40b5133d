import { resolve } from 'node:path';
import { Command } from 'commander';
import { refuseUnfinished } from './backup/unfinished.ts';
import type { Finding } from './finding.ts';
import { demand, printFindings } from './finding.ts';
import { configOf } from './ledger.ts';
import { verifyBackup } from './verify/backup.ts';
import { verifyInstallation } from './verify/installation.ts';

const HELP = `
Walks the audit's chain of hashes, reads every row of the ledger, every record of the log and every chunk of embedded
telemetry, and compares the readers' offsets with the log. Names the first thing that does not hold, and exits with 1.
Keep the head of the audit elsewhere: it also shows an end that was cut off together with its count.`;

const verify = (command: Command, backup: string | undefined): Promise<readonly Finding[]> => {
  if (backup !== undefined) return verifyBackup(resolve(backup));
  const config = configOf(command);
  refuseUnfinished(config);
  return verifyInstallation(config);
};

export const verifyCommand = (): Command =>
  new Command('verify')
    .description('check the audit chain and everything stored; works while the service runs')
    .option('--backup <dir>', 'a backup instead of what the settings name')
    .option('--json', 'one JSON line')
    .addHelpText('after', HELP)
    .action(async (options: { backup?: string; json?: boolean }, command: Command) => {
      const findings = await verify(command, options.backup);
      printFindings(findings, options.json);
      demand(findings);
    });
