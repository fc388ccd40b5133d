import { InfluxDB } from 'influx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Influx1Server, startInflux1 } from '../../test/servers/influx1.ts';
import { freePort } from '../../test/servers/process.ts';
import { commandOf } from '../../test/servers/servers.ts';
import { readAll, reading, telemetrySuite } from '../telemetry.suite.ts';
import { TelemetryDownError, TelemetryRefusedError, type TelemetryStore } from '../telemetry.ts';
import { openInflux1Telemetry } from './telemetry.ts';

const T0 = 1_767_225_600_000;
const command = commandOf('influxd');
if (command === null && process.env.CI === 'true')
  throw new Error('CI needs influxd: run bash test/servers/install.sh');
const CALLS = { timeoutMs: 5_000 };

if (command !== null)
  telemetrySuite('InfluxDB 1', async () => {
    const server = await startInflux1(command);
    return {
      open: () => openInflux1Telemetry({ url: `influx1://${server.host}/precall`, ...CALLS }),
      dispose: () => server.stop(),
    };
  });

if (command === null) it.skip('telemetry suite: InfluxDB 1 (needs influxd)', () => undefined);

describe.skipIf(command === null)('InfluxDB 1 (needs influxd)', () => {
  let server: Influx1Server;
  let store: TelemetryStore;
  const open = () => openInflux1Telemetry({ url: `influx1://${server.host}/town`, ...CALLS });
  beforeAll(async () => {
    server = await startInflux1(command!);
    store = await open();
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it('keeps names that would break a line or a query', async () => {
    const names = [
      'a,b',
      'a b',
      'a=b',
      `it's "q"`,
      'end\\',
      'a\\,b',
      'x\nreading,equipment=other a=1',
      '100%',
      '%5C',
      "' OR 1=1 --",
    ];
    for (const name of names) {
      const row = reading(name, T0, { a: 1, unit: 2, equipment: 3, time: 4, seq: 5 }, { unit: name, seq: 1 });
      expect(await store.write([row])).toEqual({ stored: 5, duplicates: 0 });
      expect(await readAll(store, { equipment: name, unit: name })).toEqual([row]);
      expect((await store.latest(name)).map(({ metric }) => metric)).toEqual([
        'a',
        'equipment',
        'seq',
        'time',
        'unit',
      ]);
    }
    expect(await readAll(store, { equipment: 'other' })).toEqual([]);
  });

  it('names the readings that are refused and stores the others', async () => {
    const good = reading('R', T0, { a: 1 });
    const bad = [
      reading('R', T0, { b: Number.NaN }),
      reading('', T0, { a: 1 }),
      reading('R', T0, { 'a b': 1 }),
    ];
    const error = await store.write([bad[0]!, good, ...bad.slice(1)]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(TelemetryRefusedError);
    expect(error).toMatchObject({ refused: bad, stored: 1, duplicates: 0 });
    expect(await readAll(store, { equipment: 'R' })).toEqual([good]);
  });

  it('finds the refused readings in a batch of which the server stored a part', async () => {
    await fetch(`http://${server.host}/write?db=town`, {
      method: 'POST',
      body: `reading,equipment=X word="text" ${T0}000000`,
    });
    const rows = Array.from({ length: 50 }, (_, i) =>
      reading('P', T0 + i, i % 20 === 7 ? { word: i } : { a: i }),
    );
    const refused = rows.filter(({ values }) => 'word' in values);
    await expect(store.write(rows)).rejects.toMatchObject({
      refused,
      stored: 47,
      message: expect.stringMatching(/conflict/),
    });
    expect(await readAll(store, { equipment: 'P' })).toEqual(rows.filter(({ values }) => 'a' in values));
  });

  it('stores once what is written again after the server was killed in the middle', async () => {
    const batches = Array.from({ length: 30 }, (_, b) =>
      Array.from({ length: 200 }, (_, i) => reading('K', T0 + (b * 200 + i) * 10, { a: i }, { seq: i })),
    );
    const writing = batches.map((batch) => store.write(batch));
    await writing[5];
    const results = Promise.allSettled(writing);
    await server.kill();
    const failed = (await results).filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    for (const one of failed)
      expect((one as PromiseRejectedResult).reason).toBeInstanceOf(TelemetryDownError);
    await server.start();
    for (const batch of batches) await store.write(batch);
    expect(await readAll(store, { equipment: 'K' })).toEqual(batches.flat());
    expect(await store.latest('K')).toMatchObject([{ tsMs: batches.at(-1)!.at(-1)!.tsMs, value: 199 }]);
  });

  it('is read by the client that others use, as the docs say', async () => {
    const [host = '', port] = server.host.split(':');
    const theirs = new InfluxDB({ host, port: Number(port), database: 'town' });
    const rows = Array.from({ length: 10 }, (_, i) =>
      reading('T', T0 + i * 1_000, { a: i / 10, unit: 7 }, { unit: 'bay 7, "左"', seq: i }),
    );
    await store.write(rows);
    const found = await theirs.query<{ readonly a: number; readonly unit: string; readonly 'unit.': number }>(
      `SELECT "a", "unit", "unit." FROM reading WHERE "equipment" = 'T'`,
    );
    expect(found.map((row) => [row.a, row.unit, row['unit.']])).toEqual(
      rows.map(({ unit, values }) => [values.a, unit, values.unit]),
    );
  });

  it('opens while the server is away, says so without the password, and works once it is there', async () => {
    const away = await openInflux1Telemetry({
      url: `influx1://u:s3cret@127.0.0.1:${await freePort()}/d`,
      ...CALLS,
    });
    const error = (await away.write([reading('A', T0, { a: 1 })]).catch((cause: unknown) => cause)) as Error;
    expect(error).toBeInstanceOf(TelemetryDownError);
    expect(String(error.stack)).not.toContain('s3cret');
    await away.close();
  });
});
