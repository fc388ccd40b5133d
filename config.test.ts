import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, configTable, readConfig, readConfigFile } from './config.ts';

test('defaults are those of the contract', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    http: { host: '127.0.0.1', port: 8080 },
    mqtt: { host: '127.0.0.1', port: 1883 },
    publicUrl: 'http://127.0.0.1:8080',
    retention: { rawMs: 400 * 86_400_000, hourlyMs: 3_650 * 86_400_000 },
    logMaxBytes: 20 * 1_024 ** 3,
    open: false,
    adminPassword: null,
  });
  expect([...config.roles]).toEqual(['broker', 'ingest', 'dispatch', 'api']);
  expect(Object.isFrozen(config)).toBe(true);
});

test('the environment goes before the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'precall-config-'));
  const path = join(folder, 'precall.env');
  writeFileSync(path, 'PRECALL_HTTP=[::1]:9000\n# a comment\nPRECALL_RETENTION="30d"\n');
  const config = readConfig({ PRECALL_RETENTION: '2y' }, readConfigFile(path));
  expect(config.http).toEqual({ host: '::1', port: 9000 });
  expect(config.retention).toEqual({ rawMs: 2 * 365 * 86_400_000, hourlyMs: 10 * 365 * 86_400_000 });
  expect(config.publicUrl).toBe('http://[::1]:9000');
});

test.each([
  ['PRECALL_HTTP', '8080'],
  ['PRECALL_HTTP', 'localhost:99999'],
  ['PRECALL_RETENTION', 'forever'],
  ['PRECALL_RETENTION', '400d,30d'],
  ['PRECALL_RETENTION', '400d,10y,1y'],
  ['PRECALL_LOG_MAX', '0'],
  ['PRECALL_LOG_MAX', '1TB'],
  ['PRECALL_ROLES', 'broker,cook'],
  ['PRECALL_OPEN', 'yes'],
  ['PRECALL_LEDGER', 'mysql://user:geheim@db/precall'],
  ['PRECALL_LEDGER', 'postgres://user:geheim@db'],
  ['PRECALL_TELEMETRY', 'influx1://user:geheim@db:8086'],
  ['PRECALL_TELEMETRY', 'influx2://db:8086/org?token=geheim'],
  ['PRECALL_TELEMETRY', 'influx2://db:8086/org/bucket'],
  ['PRECALL_LOG', 'nats://user:geheim@db:4222'],
  ['PRECALL_PUBLIC_URL', 'precall'],
  ['PRECALL_ADMIN_PASSWORD', 'short'],
])('a bad value is one line that names the key: %s=%s', (name, value) => {
  const attempt = (): unknown => readConfig({ [name]: value });
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(new RegExp(`^${name}=`));
  expect(attempt).not.toThrow(/geheim|short|\n/);
});

test('an unknown key stops the start, also in a file', () => {
  expect(() => readConfig({ PRECALL_HTPP: 'x' })).toThrow(/PRECALL_HTPP in the environment: unknown key/);
  expect(() => readConfig({}, { PRECALL_NOPE: '1' })).toThrow(/PRECALL_NOPE in the configuration file/);
});

test('open mode is refused off loopback', () => {
  expect(() => readConfig({ PRECALL_OPEN: 'true', PRECALL_MQTT: '0.0.0.0:1883' })).toThrow(
    /must be on loopback/,
  );
  expect(readConfig({ PRECALL_OPEN: 'true', PRECALL_MQTT: '127.0.0.1:0' }).open).toBe(true);
});

test('the table in the docs is the schema', () => {
  expect(readFileSync(new URL('docs/configuration.md', import.meta.url), 'utf8')).toContain(configTable());
});

test('the ledger is where the key says: a file in the data folder, a file of its own, a server', () => {
  const of = (env: Record<string, string>) => readConfig({ PRECALL_DATA: '/srv/precall', ...env }).ledger;
  expect(of({})).toEqual({ kind: 'sqlite', path: '/srv/precall/ledger.sqlite' });
  expect(of({ PRECALL_LEDGER: 'sqlite:/elsewhere/l.db' })).toEqual({
    kind: 'sqlite',
    path: '/elsewhere/l.db',
  });
  const url = 'postgres://user:geheim@db:5432/precall';
  expect(of({ PRECALL_LEDGER: url })).toEqual({ kind: 'postgres', url });
});

test('telemetry is where the key says, and a server keeps its whole URL', () => {
  const of = (env: Record<string, string>) => readConfig({ PRECALL_DATA: '/srv/precall', ...env }).telemetry;
  expect(of({})).toEqual({ kind: 'sqlite', path: '/srv/precall/telemetry.sqlite' });
  expect(of({ PRECALL_TELEMETRY: 'influx1://db:8086/precall' }).kind).toBe('influx1');
  const url = 'influx2s://db:8086/org/bucket?token=geheim';
  expect(of({ PRECALL_TELEMETRY: url })).toEqual({ kind: 'influx2', url });
});
