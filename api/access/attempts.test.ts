import { describe, expect, it } from 'vitest';
import { newAttempts } from './attempts.ts';

const limits = { tries: 2, windowMs: 10_000, maxKeys: 3 };

describe('attempts', () => {
  it('refuses after the allowed tries and says how long to wait', () => {
    const attempts = newAttempts(limits);
    expect([attempts.take('a', 0), attempts.take('a', 1_000)]).toEqual([null, null]);
    expect(attempts.take('a', 2_500)).toBe(8);
    expect(attempts.take('b', 2_500)).toBeNull();
    expect(attempts.refused()).toBe(1);
  });

  it('forgets when the window is over', () => {
    const attempts = newAttempts(limits);
    attempts.take('a', 0);
    attempts.take('a', 0);
    expect(attempts.take('a', 10_000)).toBeNull();
  });

  it('does not count what was given back', () => {
    const attempts = newAttempts(limits);
    for (let n = 0; n < 20; n += 1) {
      expect(attempts.take('a', 0)).toBeNull();
      attempts.giveBack('a');
    }
  });

  it('holds a bounded number of keys, the oldest going first', () => {
    const attempts = newAttempts(limits);
    for (const key of ['a', 'a', 'b', 'c', 'd']) attempts.take(key, 0);
    expect(attempts.take('a', 0)).toBeNull();
  });
});
