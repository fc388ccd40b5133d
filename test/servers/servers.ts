import { execFileSync } from 'node:child_process';

/** Programs by other people that the tests run against. */
export interface Server {
  readonly name: string;
  /** The command, or null where the machine does not have it. */
  readonly command: string | null;
  readonly version: string;
  readonly usedFor: string;
}

const probe = (
  commands: readonly string[],
  args: readonly string[],
): { command: string; version: string } | null => {
  for (const command of commands) {
    try {
      const output = execFileSync(command, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 20_000,
      });
      return { command, version: output.trim().split('\n')[0] ?? '' };
    } catch (cause) {
      // mosquitto_pub prints its version and exits with 1.
      const { stdout } = cause as { stdout?: string };
      if (stdout?.trim()) return { command, version: stdout.trim().split('\n')[0] ?? '' };
    }
  }
  return null;
};

const server = (
  name: string,
  commands: readonly string[],
  args: readonly string[],
  usedFor: string,
): Server => {
  const found = probe(commands, args);
  return { name, command: found?.command ?? null, version: found?.version ?? '', usedFor };
};

/** What this machine has. A missing one is a failure with CI=true, and a named skip elsewhere. */
export const findServers = (): readonly Server[] => [
  server(
    'Chromium',
    ['chromium', 'chromium-browser', 'google-chrome'],
    ['--version'],
    'the dashboard in a browser',
  ),
  server('mosquitto_pub', ['mosquitto_pub'], ['--version'], 'a foreign MQTT client'),
];

export const commandOf = (name: string): string | null =>
  findServers().find((entry) => entry.name === name)?.command ?? null;
