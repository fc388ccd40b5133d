import { expect, test } from 'vitest';
import { repeat } from './repeat.ts';
import { sleep } from './timers.ts';
import { virtualTime } from './virtual.ts';

test('one at a time, a failure is told and the next turn tries again, and the end waits for the work in hand', async () => {
  const time = virtualTime(0);
  const begun: number[] = [];
  const failures: string[] = [];
  let isDone = false;
  const work = async (): Promise<void> => {
    begun.push(time.now());
    if (begun.length === 2) throw new Error('once');
    await sleep(time, 25);
    isDone = begun.length === 3;
  };
  const end = repeat(time, 10, work, (error) => failures.push(error.message));
  await time.advance(55);
  expect(begun).toEqual([10, 40, 50]);
  expect(failures).toEqual(['once']);
  const ended = end();
  await time.advance(200);
  await ended;
  expect(isDone).toBe(true);
  expect(begun).toHaveLength(3);
});
