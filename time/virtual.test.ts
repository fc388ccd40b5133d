import { interval, lastValueFrom, map, take, timer, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { schedulerOf } from './scheduler.ts';
import { sleep } from './timers.ts';
import { virtualTime } from './virtual.ts';

describe('virtual time', () => {
  test('runs what is due in order of time, then of asking; promises in between', async () => {
    const time = virtualTime(1_000);
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name}@${time.now()}`);
    time.after(20, note('late'));
    time.after(10, () => {
      note('first')();
      Promise.resolve().then(note('promise'));
    });
    time.after(10, note('second'));
    time.soon(note('soon'));
    await time.advance(1_015);
    expect(seen).toEqual(['soon@1000', 'first@1010', 'promise@1010', 'second@1010']);
    expect(time.now()).toBe(1_015);
    await time.advance(1_020);
    expect(seen.at(-1)).toBe('late@1020');
    expect(time.pending).toBe(0);
  });

  test('a thousand timers come in order', async () => {
    const time = virtualTime(0);
    const seen: number[] = [];
    for (let i = 0; i < 1_000; i++) time.after((i * 7_919) % 503, () => seen.push(time.now()));
    await time.advance(503);
    expect(seen).toHaveLength(1_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('every repeats until it is taken back, also from inside', async () => {
    const time = virtualTime(0);
    let turns = 0;
    const cancel = time.every(10, () => {
      turns += 1;
      if (turns === 3) cancel();
    });
    await time.advance(100);
    expect(turns).toBe(3);
    expect(time.pending).toBe(0);
  });

  test('the end of a process takes back what it waits for, and only that', async () => {
    const time = virtualTime(0);
    const seen: string[] = [];
    const dying = time.process();
    const living = time.process();
    dying.after(10, () => seen.push('dead'));
    dying.every(5, () => seen.push('beat'));
    living.after(10, () => seen.push('alive'));
    await time.advance(6);
    dying.end();
    dying.after(1, () => seen.push('ghost'));
    await time.advance(20);
    expect(seen).toEqual(['beat', 'alive']);
  });

  test('sleep ends early when it is aborted', async () => {
    const time = virtualTime(0);
    const abort = new AbortController();
    const ends: number[] = [];
    void sleep(time, 50).then(() => ends.push(time.now()));
    void sleep(time, 100, abort.signal).then(() => ends.push(time.now()));
    time.after(60, () => abort.abort());
    await time.advance(200);
    expect(ends).toEqual([50, 60]);
    expect(time.pending).toBe(0);
  });

  test('RxJS runs on it', async () => {
    const time = virtualTime(0);
    const scheduler = schedulerOf(time);
    const beats = lastValueFrom(
      interval(10, scheduler).pipe(
        take(3),
        map(() => time.now()),
        toArray(),
      ),
    );
    const once = lastValueFrom(timer(25, scheduler).pipe(map(() => time.now())));
    await time.advance(100);
    expect(await beats).toEqual([10, 20, 30]);
    expect(await once).toBe(25);
    expect(time.pending).toBe(0);
  });
});
