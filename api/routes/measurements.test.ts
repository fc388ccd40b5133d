import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPersons } from '../../core/equipment/connection.ts';
import { type LogEntry, LogFullError } from '../../store/log.ts';
import { type Bench, furnish, NOW_MS, openBench } from '../testing/bench.ts';

describe('measurements', () => {
  let bench: Bench;
  let appended: LogEntry[];
  let isFull: boolean;
  beforeEach(async () => {
    appended = [];
    isFull = false;
    const append = async (entry: LogEntry): Promise<number> => {
      if (isFull) throw new LogFullError('full');
      return appended.push(entry) - 1;
    };
    bench = await openBench({ log: { append } });
    await furnish(bench);
  });
  afterEach(() => bench.close());

  const measure = (payload: object, id = 'g1', headers: Record<string, string> = {}) =>
    bench.ask('attendant', { method: 'POST', url: `/api/v1/equipment/${id}/measurements`, payload, headers });

  it('go into the log as a reading of the machine that a person took, and into the audit', async () => {
    const answer = await measure({ unit: 'bay7', values: { oilLevelMm: 41.5 } });
    expect([answer.statusCode, answer.json()]).toEqual([
      202,
      {
        ...{ ts: NOW_MS, tsSource: 'device', unit: 'bay7', seq: null, values: { oilLevelMm: 41.5 } },
        receivedAt: new Date(NOW_MS).toISOString(),
      },
    ]);
    const [entry] = appended;
    if (entry?.kind !== 'message') throw new Error('no message');
    expect(entry).toMatchObject({ equipment: 'g1', site: 's1', channel: 'telemetry', receivedAtMs: NOW_MS });
    expect(isPersons(entry.connectionId)).toBe(true);
    expect(JSON.parse(Buffer.from(entry.payload).toString())).toEqual({
      ...{ ts: NOW_MS, unit: 'bay7', values: { oilLevelMm: 41.5 } },
    });
    const { rows } = await bench.ledger.audit.list({ limit: 1 });
    expect(rows[0]).toMatchObject({
      action: 'measurement.added',
      subject: 'g1',
      actor: expect.stringMatching(/^token:attendant#/),
      detail: { unit: 'bay7', metrics: ['oilLevelMm'] },
    });
  });

  it('take the time as ISO 8601 or Unix ms, once for each Idempotency-Key', async () => {
    const values = { a: 1 };
    expect((await measure({ ts: '2026-01-05T09:00:00Z', values })).json().ts).toBe(NOW_MS - 3_600_000);
    const key = { 'idempotency-key': 'k' };
    const first = await measure({ ts: NOW_MS - 1, values }, 'g1', key);
    expect((await measure({ ts: NOW_MS - 1, values }, 'g1', key)).body).toBe(first.body);
    expect(appended).toHaveLength(2);
  });

  it('are held to what equipment may send, naming the field', async () => {
    const refused = async (payload: object) => {
      const answer = await measure(payload);
      return [answer.statusCode, answer.json().errors[0].pointer];
    };
    const values = { a: 1 };
    expect(await refused({ values, ts: NOW_MS + 360_000 })).toEqual([422, '#/ts']);
    expect(await refused({ values, ts: 12 })).toEqual([422, '#/ts']);
    expect(await refused({ values, ts: 'noon' })).toEqual([422, '#/ts']);
    expect(await refused({ values, unit: 'bay 7' })).toEqual([422, '#/unit']);
    expect(await refused({ values: { '1a': 1 } })).toEqual([422, '#/values']);
    expect(await refused({ values: {} })).toEqual([422, '#/values']);
    expect(await refused({})).toEqual([422, '#/values']);
    expect((await measure({ values }, 'none')).json().reason).toBe('no-such-equipment');
    expect((await measure({ values }, 'none')).statusCode).toBe(404);
    expect(appended).toEqual([]);
  });

  it('are refused whole where the log takes nothing', async () => {
    isFull = true;
    const answer = await measure({ values: { a: 1 } });
    expect([answer.statusCode, answer.json().reason]).toEqual([503, 'log-full']);
    expect((await bench.ledger.audit.list({ limit: 1 })).rows).toEqual([]);
    const other = await openBench();
    try {
      await furnish(other);
      const url = '/api/v1/equipment/g1/measurements';
      const there = await other.ask('admin', { method: 'POST', url, payload: { values: { a: 1 } } });
      expect([there.statusCode, there.json().reason]).toEqual([503, 'no-log-here']);
    } finally {
      await other.close();
    }
  });
});
