import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Manifest } from './backup/manifest.ts';
import { restoreBackup } from './backup/restore.ts';
import { configOf, operator, withLedger } from './ledger.ts';

const HELP = `
Puts it where the settings say: PRECALL_DATA must be a new or empty folder, a PostgreSQL database must hold no ledger.
A backup of one kind of ledger may be restored into the other. Start the service afterwards with the same settings
(docs/backup.md).`;

export const restoreCommand = (): Command =>
  new Command('restore')
    .description('restore a backup into an empty machine')
    .argument('<dir>', 'a folder that precall backup wrote')
    .option('--json', 'one JSON line: the manifest')
    .addHelpText('after', HELP)
    .action(async (dir: string, options: { json?: boolean }, command: Command) => {
      const folder = resolve(dir);
      const config = configOf(command);
      const manifest = await restoreBackup(folder, config);
      await note(command, manifest);
      if (options.json) console.log(JSON.stringify(manifest));
      else
        console.log(
          `restored the backup of ${manifest.madeAt} (version ${manifest.version}); now look with: precall verify`,
        );
    });

/** Whoever reads the audit later must see that time began again here. */
const note = (command: Command, { madeAt, version }: Manifest): Promise<void> =>
  withLedger(command, (ledger, nowMs) =>
    ledger.audit.add({
      atMs: nowMs,
      actor: operator(),
      action: 'backup.restored',
      subject: 'ledger',
      detail: { madeAt, version },
    }),
  );
