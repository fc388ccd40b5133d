import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LedgerAwayError } from '../trouble.ts';
import { createPatience } from './patience.ts';

const away = (code?: string) =>
  new LedgerAwayError('away', { cause: Object.assign(new Error('why'), code ? { code } : {}) });

describe('patience with a server', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  const failing = (times: number, error: Error = away()) => {
    let tries = 0;
    const work = async (): Promise<number> => {
      tries += 1;
      if (tries <= times) throw error;
      return tries;
    };
    return { work, tries: () => tries };
  };

  it('tries again with growing pauses until it answers', async () => {
    const { work } = failing(4);
    const startMs = performance.now();
    const done = createPatience(5_000).persist(work);
    await vi.runAllTimersAsync();
    expect(await done).toBe(5);
    expect(performance.now() - startMs).toBe(50 + 100 + 200 + 400);
  });

  it('is for an outage, not for a call: who comes late tries once, until one has succeeded', async () => {
    const patience = createPatience(5_000);
    const first = failing(Number.POSITIVE_INFINITY);
    const told = patience.persist(first.work).catch((error: Error) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await told).toBeInstanceOf(LedgerAwayError);
    expect(first.tries()).toBeGreaterThan(8);
    const second = failing(1);
    await expect(patience.persist(second.work)).rejects.toThrow('away');
    expect(second.tries()).toBe(1);
    await patience.persist(second.work);
    const third = failing(2);
    const done = patience.persist(third.work);
    await vi.runAllTimersAsync();
    expect(await done).toBe(3);
  });

  it('takes a failure after a long silence for another outage', async () => {
    const patience = createPatience(5_000);
    await expect(patience.persist(failing(9).work, 1)).rejects.toThrow('away');
    await vi.advanceTimersByTimeAsync(5_001);
    const done = patience.persist(failing(1).work);
    await vi.runAllTimersAsync();
    expect(await done).toBe(2);
  });

  it('does not wait for what only a person mends, nor for what is no outage', async () => {
    for (const error of [away('28P01'), away('3D000'), away('42501'), away('25006'), new Error('bug')]) {
      const { work, tries } = failing(1, error);
      await expect(createPatience(5_000).persist(work)).rejects.toThrow(error);
      expect(tries()).toBe(1);
    }
  });

  it('ends after so many tries as it is told', async () => {
    const { work, tries } = failing(9);
    const told = createPatience(60_000)
      .persist(work, 3)
      .catch((error: Error) => error);
    await vi.runAllTimersAsync();
    expect(await told).toBeInstanceOf(LedgerAwayError);
    expect(tries()).toBe(3);
  });
});
