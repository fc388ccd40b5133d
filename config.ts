import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * One schema: the keys, their defaults, how a value is read and what it means. It gives the frozen Config,
 * the errors, `precall serve --help` and the table in docs/configuration.md (a test compares the two).
 */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export type PartRole = 'broker' | 'ingest' | 'dispatch' | 'api';

/** Where telemetry lies: an absolute path, or a server's URL with its secret in it (never print one). */
export type TelemetryPlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'influx1' | 'influx2'; readonly url: string };

/** Where the ledger lies: an absolute path, or a server's URL with its secret in it (never print one). */
export type LedgerPlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string };

/** How long telemetry is kept: readings as they came, and hourly values. */
export interface Retention {
  readonly rawMs: number;
  readonly hourlyMs: number;
}

export interface Config {
  /** Absolute path. */
  readonly dataDir: string;
  readonly http: Address;
  readonly mqtt: Address;
  readonly logPath: string;
  readonly telemetry: TelemetryPlace;
  readonly ledger: LedgerPlace;
  readonly publicUrl: string;
  /** Absolute path; null: no file, the default rules. */
  readonly rulesPath: string | null;
  readonly retention: Retention;
  readonly logMaxBytes: number;
  readonly roles: ReadonlySet<PartRole>;
  readonly open: boolean;
  readonly adminPassword: string | null;
}

/** A configuration that can't be used; the message is one line and names the key and the mend. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A file that the configuration names can't be used: `lines` point at what is wrong in it. */
export class FileError extends ConfigError {
  readonly lines: readonly string[];
  constructor(message: string, lines: readonly string[]) {
    super(message);
    this.lines = lines;
  }
}

type Read<T> = (value: string, key: string) => T;

interface Key<T> {
  readonly fallback: string | null;
  readonly meaning: string;
  readonly read: Read<T>;
}

const fail = (key: string, value: string, mend: string): never => {
  throw new ConfigError(`${key}=${value}: ${mend}`);
};

const address: Read<Address> = (value, key) => {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port > 65_535) return fail(key, value, 'give host:port, e.g. 127.0.0.1:8080');
  return { host, port };
};

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 };

const durationMs: Read<number> = (value, key) => {
  const match = /^(\d+)(h|d|y)$/.exec(value);
  if (!match || Number(match[1]) === 0) return fail(key, value, 'give a duration such as 400d or 2y');
  return Number(match[1]) * (UNITS_MS[match[2] ?? ''] ?? 0);
};

const HOURLY_MS = 10 * (UNITS_MS.y as number);

/** `400d,10y`: readings, hourly values; the second may be left out. */
const retention: Read<Retention> = (value, key) => {
  const [raw = '', hourly, ...more] = value.split(',').map((part) => part.trim());
  const rawMs = durationMs(raw, key);
  const hourlyMs = hourly === undefined ? Math.max(HOURLY_MS, rawMs) : durationMs(hourly, key);
  if (more.length > 0) return fail(key, value, 'give two durations, of readings and hourly values: 400d,10y');
  return hourlyMs < rawMs
    ? fail(key, value, 'hourly values, the second, must be kept at least as long as readings, e.g. 400d,10y')
    : { rawMs, hourlyMs };
};

const bytes: Read<number> = (value, key) => {
  const match = /^(\d+)(KiB|MiB|GiB|TiB)?$/.exec(value);
  if (!match || Number(match[1]) === 0) return fail(key, value, 'give a size such as 512MiB or 20GiB');
  return Number(match[1]) * 1_024 ** ['', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(match[2] ?? '');
};

const boolean: Read<boolean> = (value, key) =>
  value === 'true' ? true : value === 'false' ? false : fail(key, value, 'give true or false');

const ROLES: readonly PartRole[] = ['broker', 'ingest', 'dispatch', 'api'];

const roles: Read<ReadonlySet<PartRole>> = (value, key) => {
  const named = value.split(',').map((role) => role.trim());
  const unknown = named.find((role) => !ROLES.includes(role as PartRole));
  if (unknown !== undefined) return fail(key, value, `unknown role "${unknown}"; known: ${ROLES.join(', ')}`);
  return new Set(named as PartRole[]);
};

type InFolder<T> = (dataDir: string) => T;

const schemeOf = (value: string): string => value.split(':', 1)[0] ?? '';

const sqlitePath = (value: string, file: string): InFolder<string> => {
  const named = value.slice('sqlite:'.length);
  return (dataDir) => resolve(dataDir, named === '' ? file : named);
};

const sqlitePlace = (
  value: string,
  file: string,
): InFolder<{ readonly kind: 'sqlite'; readonly path: string }> => {
  const path = sqlitePath(value, file);
  return (dataDir) => ({ kind: 'sqlite', path: path(dataDir) });
};

/** What follows the scheme may hold a password, so an error never repeats it. */
const shown = (value: string): string => `${schemeOf(value)}:…`;

/** A file; the logs of later versions are named and refused. */
const logFile: Read<InFolder<string>> = (value, key) => {
  if (schemeOf(value) === 'sqlite') return sqlitePath(value, 'log.sqlite');
  return schemeOf(value) === 'nats'
    ? fail(key, shown(value), 'this log is not available in this version; use sqlite:')
    : fail(key, shown(value), 'give sqlite: or sqlite:FILE');
};

/** A server's URL whose path has so many named parts. */
const serverUrl = (value: string, key: string, parts: number, form: string): string => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const named = url?.pathname.split('/').filter(Boolean).length ?? 0;
  return url === null || url.hostname === '' || named !== parts
    ? fail(key, shown(value), `give ${form}`)
    : value;
};

const INFLUX1 = 'influx1://user:password@host:8086/database';
const INFLUX2 = 'influx2://host:8086/org/bucket?token=…, or influx2s: for TLS';

const telemetryPlace: Read<InFolder<TelemetryPlace>> = (value, key) => {
  switch (schemeOf(value)) {
    case 'sqlite':
      return sqlitePlace(value, 'telemetry.sqlite');
    case 'influx1': {
      const url = serverUrl(value, key, 1, INFLUX1);
      return () => ({ kind: 'influx1', url });
    }
    case 'influx2':
    case 'influx2s': {
      const url = serverUrl(value, key, 2, INFLUX2);
      if (!new URL(url).searchParams.get('token'))
        return fail(key, shown(value), `the token is missing; give ${INFLUX2}`);
      return () => ({ kind: 'influx2', url });
    }
    default:
      return fail(key, shown(value), `give sqlite:, ${INFLUX1} or ${INFLUX2}`);
  }
};

const POSTGRES = 'postgres://user:password@host:5432/database';

const ledgerPlace: Read<InFolder<LedgerPlace>> = (value, key) => {
  switch (schemeOf(value)) {
    case 'sqlite':
      return sqlitePlace(value, 'ledger.sqlite');
    case 'postgres':
    case 'postgresql': {
      const url = serverUrl(value, key, 1, POSTGRES);
      return () => ({ kind: 'postgres', url });
    }
    default:
      return fail(key, shown(value), `give sqlite: or ${POSTGRES}`);
  }
};

const url: Read<string> = (value, key) =>
  URL.canParse(value) && /^https?:/.test(value)
    ? value.replace(/\/+$/, '')
    : fail(key, value, 'give an http or https URL, e.g. https://precall.example.com');

const text: Read<string> = (value) => value;

const password: Read<string> = (value, key) =>
  value.length >= 8 ? value : fail(key, '…', 'the password needs at least 8 characters');

const key = <T>(fallback: string | null, meaning: string, read: Read<T>): Key<T> => ({
  fallback,
  meaning,
  read,
});

export const SCHEMA = {
  PRECALL_DATA: key('./data', 'folder of everything embedded', text),
  PRECALL_HTTP: key('127.0.0.1:8080', 'API and dashboard', address),
  PRECALL_MQTT: key('127.0.0.1:1883', 'MQTT listener', address),
  PRECALL_LOG: key('sqlite:', 'ingest log: `sqlite:` (in PRECALL_DATA) or `sqlite:FILE`', logFile),
  PRECALL_TELEMETRY: key(
    'sqlite:',
    'telemetry store: `sqlite:`, `sqlite:FILE`, `influx1://user:password@host:8086/database`, `influx2://host:8086/org/bucket?token=…` (`influx2s:` for TLS)',
    telemetryPlace,
  ),
  PRECALL_LEDGER: key(
    'sqlite:',
    'tickets, crews, users, audit: `sqlite:`, `sqlite:FILE` or `postgres://user:password@host:5432/database`',
    ledgerPlace,
  ),
  PRECALL_PUBLIC_URL: key(null, 'what links point at; from PRECALL_HTTP where absent', url),
  PRECALL_RULES: key(
    null,
    'rules file: parameters of the detectors, see docs/rules.md; none: the defaults',
    text,
  ),
  PRECALL_RETENTION: key(
    '400d,10y',
    'how long telemetry is kept: readings, then hourly values for long plots (10y where left out)',
    retention,
  ),
  PRECALL_LOG_MAX: key('20GiB', "the log's limit: then no more PUBACK, and an alarm", bytes),
  PRECALL_ROLES: key('broker,ingest,dispatch,api', 'which parts run in this process', roles),
  PRECALL_OPEN: key(
    'false',
    'accept unknown equipment (demo and laboratory only; refused off loopback)',
    boolean,
  ),
  PRECALL_ADMIN_PASSWORD: key(
    null,
    'sets the first administrator `admin` on an empty ledger; without it `serve` prints a one-time set-up link',
    password,
  ),
} as const;

type Schema = typeof SCHEMA;
type Name = keyof Schema;
type Value<N extends Name> = Schema[N] extends Key<infer T> ? T : never;

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

const printed = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Reads the configuration from environment-like pairs; a file gives what the environment does not.
 * @throws ConfigError on an unknown PRECALL_ key or a bad value.
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, string | undefined>> = {},
): Config => {
  for (const [source, pairs] of [
    ['the environment', env],
    ['the configuration file', file],
  ] as const) {
    for (const name of Object.keys(pairs)) {
      if (name.startsWith('PRECALL_') && !(name in SCHEMA)) {
        throw new ConfigError(`${name} in ${source}: unknown key; known: ${Object.keys(SCHEMA).join(', ')}`);
      }
    }
  }
  const value = <N extends Name>(name: N): Value<N> | null => {
    const entry = SCHEMA[name];
    const raw = env[name] || file[name] || entry.fallback;
    return raw === null ? null : (entry.read(raw, name) as Value<N>);
  };
  // Keys with a fallback are never null.
  const sure = <N extends Name>(name: N): Value<N> => value(name) as Value<N>;
  const dataDir = resolve(sure('PRECALL_DATA'));
  const rulesPath = value('PRECALL_RULES');
  const config: Config = {
    dataDir,
    http: sure('PRECALL_HTTP'),
    mqtt: sure('PRECALL_MQTT'),
    logPath: sure('PRECALL_LOG')(dataDir),
    telemetry: sure('PRECALL_TELEMETRY')(dataDir),
    ledger: sure('PRECALL_LEDGER')(dataDir),
    publicUrl: value('PRECALL_PUBLIC_URL') ?? `http://${printed(sure('PRECALL_HTTP'))}`,
    rulesPath: rulesPath === null ? null : resolve(rulesPath),
    retention: sure('PRECALL_RETENTION'),
    logMaxBytes: sure('PRECALL_LOG_MAX'),
    roles: sure('PRECALL_ROLES'),
    open: sure('PRECALL_OPEN'),
    adminPassword: value('PRECALL_ADMIN_PASSWORD'),
  };
  if (config.open && !isLoopback(config.mqtt.host)) {
    throw new ConfigError(
      `PRECALL_OPEN=true: accepts unknown equipment, so PRECALL_MQTT must be on loopback (is ${printed(config.mqtt)})`,
    );
  }
  return Object.freeze(config);
};

/** The pairs of a `--config` file: `KEY=value` lines, as in a .env file. @throws ConfigError */
export const readConfigFile = (path: string): Readonly<Record<string, string | undefined>> => {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `--config ${path}: can't be read (${(cause as NodeJS.ErrnoException).code}); give a file of KEY=value lines`,
    );
  }
  const pairs = parseEnv(content);
  const foreign = Object.keys(pairs).find((name) => !name.startsWith('PRECALL_'));
  if (foreign !== undefined)
    throw new ConfigError(`--config ${path}: unknown key ${foreign}; keys begin with PRECALL_`);
  return pairs;
};

/** The table in docs/configuration.md. */
export const configTable = (): string =>
  [
    '| key | default | meaning |',
    '|---|---|---|',
    ...Object.entries(SCHEMA).map(
      ([name, { fallback, meaning }]) =>
        `| ${name} | ${fallback === null ? 'none' : `\`${fallback}\``} | ${meaning} |`,
    ),
  ].join('\n');
