import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startInflux1 } from '../../test/servers/influx1.ts';
import { startFaultyProxy } from '../../test/servers/proxy.ts';
import { commandOf } from '../../test/servers/servers.ts';
import { startVictoria } from '../../test/servers/victoria.ts';
import { reading, telemetrySuite } from '../telemetry.suite.ts';
import { TelemetryDownError, type TelemetryStore } from '../telemetry.ts';
import { openInflux2Telemetry } from './telemetry.ts';

const T0 = 1_767_225_600_000;

for (const [name, key, forgets] of [
  ['InfluxDB 2', 'TEST_INFLUX2_URL', true],
  ['InfluxDB 3 Core', 'TEST_INFLUX3_URL', false],
] as const) {
  const url = process.env[key];
  const storage = async (of: string) => ({
    open: () => openInflux2Telemetry({ url: of }),
    dispose: async () => undefined,
  });
  if (url) telemetrySuite(name, () => storage(url), { forgets });
  else it.skip(`telemetry suite: ${name} (needs ${key}, an empty bucket or database)`, () => undefined);
}

const influxd = commandOf('influxd');
if (influxd === null) it.skip('telemetry suite: InfluxDB 2, translated (needs influxd)', () => undefined);
// Its client, lines and questions; what writes and removes in another way is translated on the way.
else
  telemetrySuite('InfluxDB 2, translated for InfluxDB 1', async () => {
    const server = await startInflux1(influxd);
    const proxy = await startFaultyProxy(server.host);
    await fetch(`http://${server.host}/query?q=CREATE+DATABASE+b`, { method: 'POST' });
    return {
      open: () => openInflux2Telemetry({ url: `influx2://${proxy.host}/o/b?token=t` }),
      dispose: async () => {
        await proxy.close();
        await server.stop();
      },
    };
  });

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
};

describe('InfluxDB 2, what a server may answer', () => {
  let answer: (lines: string[], response: ServerResponse) => void;
  let asked: IncomingMessage[];
  let stored: Set<string>;
  const server = createServer(async (request, response) => {
    asked.push(request);
    const body = await bodyOf(request);
    if (request.url?.startsWith('/query')) response.end('{"results":[{}]}');
    else answer(body.split('\n'), response);
  });
  let store: TelemetryStore;
  beforeEach(async () => {
    asked = [];
    stored = new Set();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    store = await openInflux2Telemetry({
      url: `influx2://127.0.0.1:${port}/o/b?token=s3cret`,
      timeoutMs: 300,
    });
  });
  afterEach(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const rows = Array.from({ length: 40 }, (_, i) => reading('E', T0 + i, { a: i }, { unit: 'bay 1' }));
  const take = (lines: readonly string[]): void => {
    for (const line of lines) stored.add(line);
  };

  it('writes a batch in one request, with token, organisation, bucket and precision', async () => {
    answer = (lines, response) => {
      take(lines);
      response.writeHead(204).end();
    };
    expect(await store.write(rows)).toEqual({ stored: 40, duplicates: 0 });
    const writes = asked.filter(({ url }) => url?.startsWith('/api/v2/write'));
    expect(writes).toHaveLength(1);
    expect(writes[0]?.url).toBe('/api/v2/write?org=o&bucket=b&precision=ns');
    expect(writes[0]?.headers.authorization).toBe('Token s3cret');
    expect([...stored][3]).toBe(
      `reading,equipment=E,unit=bay\\ 1 a=3,byDevice.=1,receivedAtMs.=${T0 + 43} ${T0 + 3}000000`,
    );
  });

  for (const status of [400, 413, 422])
    it(`narrows a ${status} down to the readings that are refused`, async () => {
      answer = (lines, response) => {
        const isBad = (line: string): boolean => line.includes(' a=7,') || line.includes(' a=23,');
        take(lines.filter((line) => !isBad(line)));
        const at = lines.findIndex(isBad);
        if (at < 0) return response.writeHead(204).end();
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ code: 'invalid', message: `failed at line ${at + 1}: field type` }));
      };
      const refused = [rows[7], rows[23]];
      await expect(store.write(rows)).rejects.toMatchObject({
        name: 'TelemetryRefusedError',
        message: expect.stringMatching(/field type/),
        refused,
        stored: 38,
        duplicates: 0,
      });
      expect(stored.size).toBe(38);
    });

  for (const status of [401, 403, 404, 429, 500, 503])
    it(`takes ${status} for a server that is away, once, without its token`, async () => {
      answer = (_, response) => response.writeHead(status, { 'retry-after': '1' }).end('{"message":"no"}');
      const error = (await store.write(rows).catch((cause: unknown) => cause)) as Error;
      expect(error).toBeInstanceOf(TelemetryDownError);
      expect(String(error.stack)).not.toContain('s3cret');
      expect(asked.filter(({ url }) => url?.startsWith('/api/v2/write'))).toHaveLength(1);
      answer = (_lines, response) => response.writeHead(204).end();
      expect(await store.write(rows)).toEqual({ stored: 40, duplicates: 0 });
    });

  it('waits for no answer longer than it is told', async () => {
    answer = () => undefined;
    await expect(store.write(rows)).rejects.toBeInstanceOf(TelemetryDownError);
  });
});

const victoria = commandOf('VictoriaMetrics');
it.skipIf(victoria === null)('a foreign server takes what is written (needs victoria-metrics)', async () => {
  const server = await startVictoria(victoria!);
  // It knows no InfluxQL, so the store itself can't run on it: only our line, sent by the client.
  const { InfluxDB } = await import('@influxdata/influxdb-client');
  const { lineOf, pointOf } = await import('../influx/point.ts');
  try {
    const api = new InfluxDB({ url: `http://${server.host}`, token: 't' }).getWriteApi('o', 'b', 'ns', {
      maxRetries: 0,
    });
    api.writeRecord(lineOf(pointOf(reading('E,1', T0, { liftA: 2.5 }, { unit: '左侧 🚗', seq: 3 }), 3)));
    await api.close();
    await expect
      .poll(
        async () => {
          const url = `http://${server.host}/api/v1/export?match[]=reading_liftA`;
          return (await (await fetch(url)).text()).trim();
        },
        { timeout: 15_000 },
      )
      .toContain('"equipment":"E,1","unit":"左侧 🚗"');
  } finally {
    await server.stop();
  }
});
