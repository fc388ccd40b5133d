import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogEntry } from '../store/log.ts';
import { LedgerAwayError, LedgerUnsureError } from '../store/trouble.ts';
import { type Bench, furnish, openBench } from './testing/bench.ts';

describe('a POST while the database goes away', () => {
  let bench: Bench;
  let appended: LogEntry[];
  beforeEach(async () => {
    appended = [];
    bench = await openBench({ log: { append: async (entry) => appended.push(entry) - 1 } });
    await furnish(bench);
    await bench.token('attendant');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await bench.close();
  });

  const report = (headers: Record<string, string> = {}) =>
    bench.ask('attendant', {
      method: 'POST',
      url: '/api/v1/tickets',
      payload: { equipment: 'g1', source: 'hotline' },
      headers,
    });
  const opened = async () => (await bench.ledger.tickets.list({ limit: 9 })).rows.length;

  /** The next transactions end so: before they begin, or after they are done. */
  const breaking = (...how: readonly ('before' | 'after')[]): void => {
    const { transaction } = bench.ledger;
    const spy = vi.spyOn(bench.ledger, 'transaction');
    for (const when of how)
      spy.mockImplementationOnce(async (work) => {
        if (when === 'before') throw new LedgerAwayError('away');
        await transaction(work);
        throw new LedgerUnsureError('broke');
      });
  };

  it('is done again where nothing was', async () => {
    breaking('before', 'before');
    expect((await report()).statusCode).toBe(201);
    expect(await opened()).toBe(1);
  });

  it('says that nothing was stored when it stays so', async () => {
    breaking('before', 'before', 'before');
    const answer = await report();
    expect([answer.statusCode, answer.json().reason, answer.headers['retry-after']]).toEqual([
      503,
      'ledger-away',
      '5',
    ]);
    expect(await opened()).toBe(0);
  });

  it('says that it may be done, and does it once under a key', async () => {
    breaking('after');
    const answer = await report();
    expect([answer.statusCode, answer.json().reason]).toEqual([503, 'may-be-done']);
    expect(await opened()).toBe(1);
    breaking('after');
    const keyed = await report({ 'idempotency-key': 'k' });
    expect([keyed.statusCode, keyed.headers['idempotency-replayed']]).toEqual([200, 'true']);
    const { timeline } = (await bench.ask('viewer', { url: `/api/v1/tickets/${keyed.json().id}` })).json();
    expect(timeline).toHaveLength(2);
  });

  it('gives the log the same reading again, not another one', async () => {
    let nowMs = bench.time.nowMs;
    vi.spyOn(bench.time, 'nowMs', 'get').mockImplementation(() => (nowMs += 7));
    const { transaction } = bench.ledger;
    vi.spyOn(bench.ledger, 'transaction').mockImplementationOnce(async (work) => {
      await transaction(async (tx) => {
        await work(tx);
        throw new LedgerAwayError('broke');
      });
      throw new Error('not reached');
    });
    const answer = await bench.ask('attendant', {
      method: 'POST',
      url: '/api/v1/equipment/g1/measurements',
      payload: { values: { oilLevelMm: 41.5 } },
    });
    expect(answer.statusCode).toBe(202);
    expect(appended).toHaveLength(2);
    expect(appended[1]).toEqual(appended[0]);
  });
});
