import { Command } from 'commander';
import { type Config, ConfigError } from '../config.ts';
import { checkDisk } from './doctor/disk.ts';
import { checkInflux } from './doctor/influx.ts';
import { DISK_LIMIT_MS, withinLimit } from './doctor/limit.ts';
import { checkNode } from './doctor/node.ts';
import { diskPlaces } from './doctor/places.ts';
import { checkPorts } from './doctor/ports.ts';
import { checkPostgres } from './doctor/postgres.ts';
import { demand, type Finding, fail, ok, printFindings } from './finding.ts';
import { configOf } from './ledger.ts';

const HELP = `
Looks at Node, the settings, the data folder and its files, the disk, every store, clocks and ports; one line each, with the
mend. Changes nothing, and may run beside the service. No check takes longer than ${DISK_LIMIT_MS / 1_000} seconds. Exits with 1 where
one fails. What is stored is looked at by: precall verify`;

const checkLedger = ({ ledger }: Config): Promise<readonly Finding[]> =>
  ledger.kind === 'postgres' ? withinLimit('ledger', () => checkPostgres(ledger.url)) : Promise.resolve([]);

const checkTelemetry = ({ telemetry }: Config): Promise<readonly Finding[]> =>
  telemetry.kind === 'sqlite' ? Promise.resolve([]) : withinLimit('telemetry', () => checkInflux(telemetry));

const summary = ({ dataDir, ledger, telemetry, roles }: Config): string =>
  `data in ${dataDir}, ledger ${ledger.kind}, telemetry ${telemetry.kind}, roles ${[...roles].join(',')}`;

const examine = async (config: Config, configPath: string | null): Promise<readonly Finding[]> => {
  const disk = checkDisk(diskPlaces(config, configPath), DISK_LIMIT_MS);
  const ports = disk.then(({ isLocked }) => withinLimit('port', () => checkPorts(config, isLocked)));
  const found = await Promise.all([
    disk.then(({ findings }) => findings),
    checkLedger(config),
    checkTelemetry(config),
    ports,
  ]);
  return [checkNode(), ok('config', summary(config)), ...found.flat()];
};

const settingsOf = (command: Command): Config | Finding => {
  try {
    return configOf(command);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return fail('config', cause.message, 'docs/configuration.md lists all keys');
  }
};

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('look for what is wrong with this machine, the settings and the stores, and say the mend')
    .option('--json', 'one JSON line')
    .addHelpText('after', HELP)
    .action(async (options: { json?: boolean }, command: Command) => {
      const { config: path } = command.optsWithGlobals<{ config?: string }>();
      const config = settingsOf(command);
      const findings = 'check' in config ? [checkNode(), config] : await examine(config, path ?? null);
      printFindings(findings, options.json);
      // A look-up or a connection that hangs must not keep the process.
      setTimeout(() => process.exit(), 1_000).unref();
      demand(findings);
    });
