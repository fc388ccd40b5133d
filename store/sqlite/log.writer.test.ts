import { describe, expect, it } from 'vitest';
import { systemTimers } from '../../time/system.ts';
import type { LogEntry } from '../log.ts';
import { decodeGroup } from './log.codec.ts';
import { newWriter, type WriterOptions } from './log.writer.ts';

const tick = (n: number): LogEntry => ({ kind: 'tick', receivedAtMs: n });

/** A disk whose every commit waits for the test to say how it ends. */
const slowDisk = () => {
  const commits: {
    readonly offsets: readonly number[];
    readonly done: () => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const commit: WriterOptions['commit'] = (_first, _count, body) =>
    new Promise<void>((done, fail) => {
      commits.push({ offsets: decodeGroup(body).map(({ offset }) => offset), done, fail });
    });
  return { commits, commit };
};

const writerOn = (commit: WriterOptions['commit'], options: Partial<WriterOptions> = {}) =>
  newWriter({
    nextOffset: 10,
    timers: systemTimers,
    groupMs: 1,
    maxPending: 100_000,
    maxPendingBytes: 2 ** 30,
    roomBytes: () => Number.POSITIVE_INFINITY,
    commit,
    ...options,
  });

const appendMany = (writer: ReturnType<typeof newWriter>, count: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, i) => writer.append(tick(i))));

describe('log writer', () => {
  it('has at most two groups in flight, and what comes meanwhile grows into one more', async () => {
    const { commits, commit } = slowDisk();
    const writer = writerOn(commit);
    const results: Promise<number>[] = [];
    for (let n = 0; n < 6; n++) {
      results.push(writer.append(tick(n)));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(commits.map(({ offsets }) => offsets)).toEqual([[10], [11]]);
    expect(writer.pending()).toBe(6);
    commits[0]!.done();
    expect(await results[0]).toBe(10);
    await expect.poll(() => commits.length).toBe(3);
    expect(commits[2]!.offsets).toEqual([12, 13, 14, 15]);
    for (const { done } of commits) done();
    expect(await Promise.all(results)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(writer.pending()).toBe(0);
  });

  it('resolves nothing before its group is committed', async () => {
    const { commits, commit } = slowDisk();
    const writer = writerOn(commit);
    let resolved = false;
    const stored = writer.append(tick(0)).then(() => {
      resolved = true;
    });
    await expect.poll(() => commits.length).toBe(1);
    expect(resolved).toBe(false);
    commits[0]!.done();
    await stored;
  });

  it('counts a full disk as refused, and takes the next', async () => {
    const { commits, commit } = slowDisk();
    const writer = writerOn(commit);
    const refused = appendMany(writer, 3);
    await expect.poll(() => commits.length).toBe(1);
    commits[0]!.fail(Object.assign(new Error('the disk is full'), { name: 'LogFullError' }));
    for (const result of await refused)
      expect(result).toMatchObject({ reason: { name: 'LogFullError', message: 'the disk is full' } });
    expect(writer.refused()).toBe(3);
    const next = writer.append(tick(9));
    await expect.poll(() => commits.length).toBe(2);
    commits[1]!.done();
    expect(await next).toBe(13);
  });

  it('stops for good after any other failed write, and nobody waits for ever', async () => {
    const { commits, commit } = slowDisk();
    const writer = writerOn(commit);
    const results = appendMany(writer, 20_000);
    await expect.poll(() => commits.length).toBe(2);
    commits[0]!.fail(new Error('disk I/O error'));
    commits[1]!.done();
    const settled = await results;
    const stored = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(stored).toEqual(commits[1]!.offsets);
    await expect(writer.append(tick(1))).rejects.toThrow(/disk I\/O error.*restart/);
    expect(writer.broken()).toMatch(/disk I\/O error.*restart/);
    expect(commits).toHaveLength(2);
    await writer.finish();
  });

  it('refuses what would not fit any more, with what is still on its way counted in', async () => {
    const { commits, commit } = slowDisk();
    const writer = writerOn(commit, { roomBytes: () => 1_000 });
    const results = appendMany(writer, 500);
    await expect.poll(() => commits.length).toBe(1);
    commits[0]!.done();
    const stored = (await results).filter(({ status }) => status === 'fulfilled').length;
    expect(stored).toBeGreaterThan(50);
    expect(stored).toBeLessThan(120);
    expect(writer.refused()).toBe(500 - stored);
  });
});
