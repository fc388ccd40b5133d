import { resolve } from 'node:path';
import { Command } from 'commander';
import product from '../package.json' with { type: 'json' };
import { filesOf, type Manifest } from './backup/manifest.ts';
import { refuseUnfinished } from './backup/unfinished.ts';
import { writeBackup } from './backup/write.ts';
import { configOf } from './ledger.ts';

const HELP = `
Holds the ledger, and the embedded log and telemetry, as they were at one moment; the service may run meanwhile.
With the ledger come the key and the hashes that equipment signs in by, and the keys of webhooks: keep the folder
as secret as the machine. Readings in InfluxDB, the rules file and the settings are not in it (docs/backup.md).`;

const summary = (folder: string, manifest: Manifest): readonly string[] => {
  const { ledger, log, telemetry } = manifest;
  const rows = ledger.tables.reduce((sum, table) => sum + table.rows, 0);
  const bytes = filesOf(manifest).reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${folder}: backup of ${manifest.madeAt}, ${bytes} bytes`,
    `  ledger: ${rows} rows of ${ledger.tables.length} tables (${ledger.engine}, ${ledger.schema.at(-1)})`,
    log
      ? `  log: ${log.nextOffset - log.firstOffset} records from offset ${log.firstOffset} on`
      : '  log: none yet',
    telemetry.stored
      ? `  telemetry: ${telemetry.stored.bytes} bytes`
      : telemetry.kind === 'sqlite'
        ? '  telemetry: none yet'
        : '  telemetry: in InfluxDB, not in this backup; take its own backup after this one',
  ];
};

export const backupCommand = (): Command =>
  new Command('backup')
    .description('write a backup into a new or empty folder; works while the service runs')
    .argument('<dir>', 'a folder that is new or empty')
    .option('--json', 'one JSON line: the manifest')
    .addHelpText('after', HELP)
    .action(async (dir: string, options: { json?: boolean }, command: Command) => {
      const config = configOf(command);
      refuseUnfinished(config);
      const folder = resolve(dir);
      const manifest = await writeBackup(folder, config, product.version);
      if (options.json) console.log(JSON.stringify({ folder, ...manifest }));
      else for (const line of summary(folder, manifest)) console.log(line);
    });
