import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { postgresBin } from './postgres.ts';

/** Programs by other people that the tests run against. */
export interface Server {
  readonly name: string;
  /** The path of its program, or null where the machine does not have it. */
  readonly command: string | null;
  readonly version: string;
  readonly usedFor: string;
}

const found = (command: string): string | null => {
  const folders = isAbsolute(command) ? [''] : (process.env.PATH ?? '').split(delimiter);
  for (const folder of folders) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return null;
};

const versionOf = (path: string, args: readonly string[]): string => {
  try {
    const output = execFileSync(path, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    return output.trim().split('\n')[0] ?? '';
  } catch (cause) {
    // mosquitto_pub prints its version and exits with 1.
    return (cause as { stdout?: string }).stdout?.trim().split('\n')[0] ?? '';
  }
};

const probe = (
  commands: readonly string[],
  args: readonly string[],
): { command: string; version: string } | null => {
  const path = commands.map(found).find((candidate) => candidate !== null);
  return path ? { command: path, version: versionOf(path, args) } : null;
};

const server = (
  name: string,
  commands: readonly string[],
  args: readonly string[],
  usedFor: string,
): Server => {
  const there = probe(commands, args);
  return { name, command: there?.command ?? null, version: there?.version ?? '', usedFor };
};

const postgresCommands = (): readonly string[] => {
  const bin = postgresBin();
  return bin === null ? [] : [join(bin, 'postgres')];
};

/** What this machine has. A missing one is a failure with CI=true, and a named skip elsewhere. */
export const findServers = (): readonly Server[] => [
  server(
    'Chromium',
    ['chromium', 'chromium-browser', 'google-chrome'],
    ['--version'],
    'the dashboard in a browser',
  ),
  server('PostgreSQL', postgresCommands(), ['--version'], 'the ledger on a database server'),
  server('mosquitto_pub', ['mosquitto_pub'], ['--version'], 'a foreign MQTT client'),
  server('influxd', ['influxd'], ['version'], 'telemetry in InfluxDB 1'),
  server('VictoriaMetrics', ['victoria-metrics'], ['-version'], "the way in of InfluxDB 2's clients"),
];

export const commandOf = (name: string): string | null =>
  findServers().find((entry) => entry.name === name)?.command ?? null;
