import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthReport, ServiceStats } from '../options.ts';
import { type Bench, furnish, NOW_MS, openBench } from '../testing/bench.ts';

describe('the service', () => {
  let report: HealthReport = { ready: true, codes: [], reasons: [] };
  let numbers: ServiceStats = [];
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({
      health: () => report,
      stats: () => numbers,
      mqttUrl: 'mqtt://precall.test:1883',
      readers: async () => [
        {
          reader: 'recorder',
          partition: 0,
          offset: 4,
          reached: 7,
          lagRecords: 2,
          lagMs: 40,
          stopped: null,
          isHere: true,
        },
        {
          reader: 'watcher',
          partition: 0,
          offset: 3,
          reached: null,
          lagRecords: null,
          lagMs: null,
          stopped: null,
          isHere: false,
        },
      ],
    });
    await furnish(bench);
  });
  afterAll(() => bench.close());
  const get = (url: string) => bench.app.inject({ url });

  it('is alive, and ready when its parts are', async () => {
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await get('/readyz')).statusCode).toBe(200);
    report = { ready: false, codes: ['log-full'], reasons: ['log: full (20 GiB); raise PRECALL_LOG_MAX'] };
    const answer = await get('/readyz');
    expect([answer.statusCode, answer.json()]).toEqual([503, report]);
    expect((await get('/healthz')).statusCode).toBe(200);
  });

  it('has numbers for Prometheus, as they stand at each scrape', async () => {
    const stat = { name: 'log_records_total', help: 'Records', kind: 'counter' } as const;
    const of = (reason: string, value: number) =>
      ({
        name: 'broker_refused_total',
        help: 'Refused',
        kind: 'counter',
        value,
        labels: { reason },
      }) as const;
    numbers = [{ ...stat, value: 7 }, of('topic', 1), of('size', 2)];
    const first = await get('/metrics');
    expect(first.headers['content-type']).toContain('text/plain');
    expect(first.body).toContain('# TYPE precall_log_records_total counter\nprecall_log_records_total 7\n');
    expect(first.body).toContain('precall_broker_refused_total{reason="size"} 2');
    expect(first.body).toMatch(
      /precall_http_request_duration_seconds_count\{.*route="\/readyz",status="503"\} 1/,
    );
    numbers = [{ ...stat, value: 9 }];
    const second = await get('/metrics');
    expect(second.body).toContain('\nprecall_log_records_total 9\n');
    const names = [...second.body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names.filter((name) => !name?.startsWith('precall_'))).toEqual([]);
  });

  it('tells the desk how far the readers are', async () => {
    const answer = await bench.ask('dispatcher', { url: '/api/v1/readers' });
    expect(answer.json().items).toEqual([
      {
        reader: 'recorder',
        partition: 0,
        offset: 4,
        reached: 7,
        lagRecords: 2,
        lagMs: 40,
        stopped: null,
        here: true,
      },
      {
        reader: 'watcher',
        partition: 0,
        offset: 3,
        reached: null,
        lagRecords: null,
        lagMs: null,
        stopped: null,
        here: false,
      },
    ]);
  });

  it('tells what it knows and what it refused', async () => {
    const catalogue = (await bench.ask('viewer', { url: '/api/v1/catalogue' })).json();
    expect(catalogue.faults.find(({ code }: { code: string }) => code === 'G06')).toMatchObject({
      item: 'hoist',
    });
    expect(catalogue.signals.find(({ metric }: { metric: string }) => metric === 'cycleCount')).toMatchObject(
      {
        kind: 'counter',
      },
    );
    await bench.ledger.readers.quarantine([
      {
        ...{ partition: 0, offset: 3, index: 0, equipment: 'g1', channel: 'telemetry' },
        ...{ reason: 'not-json', detail: 'line 1', atMs: NOW_MS, payload: '{"ts":' },
      },
    ]);
    const quarantine = (await bench.ask('dispatcher', { url: '/api/v1/quarantine' })).json();
    expect(quarantine).toMatchObject({
      items: [{ reason: 'not-json', payload: '{"ts":', at: new Date(NOW_MS).toISOString() }],
      counts: [{ reason: 'not-json', count: 1 }],
      next: null,
    });
    const service = (await bench.ask('viewer', { url: '/api/v1/service' })).json();
    expect(service).toEqual({
      now: new Date(NOW_MS).toISOString(),
      publicUrl: 'http://precall.test',
      mqttUrl: 'mqtt://precall.test:1883',
    });
  });
});
