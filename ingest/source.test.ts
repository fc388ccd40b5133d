import { test } from 'vitest';
import type { LogRecord } from '../store/log.ts';
import { source } from './source.ts';
import { marbles } from './testing/marbles.ts';
import { batchOf, says, ticks } from './testing/records.ts';

const r = (offset: number) => ticks(offset, 1_000 + offset);
const BIG = 1_000_000;

test('reads on from its offset, hands on one batch at a time, reads ahead no further than told', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const reads = [
      cold<LogRecord[]>('--(a|)', { a: [r(5), r(6)] }),
      cold<LogRecord[]>('  --(a|)', { a: [r(7)] }),
      cold<LogRecord[]>('  --(a|)', { a: [r(8)] }),
      cold<LogRecord[]>('  --|'),
    ];
    const asked: number[] = [];
    const read = (after: number) => {
      asked.push(after);
      return reads[asked.length - 1] as (typeof reads)[0];
    };
    const consumed = hot('        --------x--x--|');
    const appended = hot('        --------------|');
    const result = source({
      read,
      appended,
      consumed,
      after: 4,
      limit: 10,
      limitBytes: BIG,
      readAhead: 1,
      paceMs: 0,
      scheduler,
    });
    expectObservable(result, '    ^-------------!').toBe('--a-----b--c--', {
      a: batchOf(r(5), r(6)),
      b: batchOf(r(7)),
      c: batchOf(r(8)),
    });
    // The second is read at once; the third only when the second was handed on.
    expectSubscriptions((reads[0] as (typeof reads)[0]).subscriptions).toBe('^-!');
    expectSubscriptions((reads[1] as (typeof reads)[0]).subscriptions).toBe('--^-!');
    expectSubscriptions((reads[2] as (typeof reads)[0]).subscriptions).toBe('--------^-!');
    expectSubscriptions((reads[3] as (typeof reads)[0]).subscriptions).toBe('-----------^-!');
    expectSubscriptions(appended.subscriptions).toBe('^-------------!');
    expectSubscriptions(consumed.subscriptions).toBe('^-------------!');
  });
});

test('at the end of the log it waits for an append, also for one that came while it was reading', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const reads = [
      cold<LogRecord[]>('---|'),
      cold<LogRecord[]>('---|'),
      cold<LogRecord[]>('-(a|)', { a: [r(0)] }),
    ];
    let n = 0;
    const read = () => (reads[n++] ?? cold('-|')) as ReturnType<typeof cold<LogRecord[]>>;
    const appended = hot('-x---------x----');
    const result = source({
      read,
      appended,
      consumed: hot('    ----------------'),
      after: -1,
      limit: 10,
      limitBytes: BIG,
      readAhead: 2,
      paceMs: 0,
      scheduler,
    });
    expectObservable(result, '^---------------!').toBe('------------a', { a: batchOf(r(0)) });
    expectSubscriptions((reads[0] as (typeof reads)[0]).subscriptions).toBe('^--!');
    expectSubscriptions((reads[1] as (typeof reads)[0]).subscriptions).toBe('---^--!');
    expectSubscriptions((reads[2] as (typeof reads)[0]).subscriptions).toBe('-----------^!');
  });
});

test('cuts a read into batches of so many bytes; an error of a read is its error', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable }) => {
    const big = (offset: number) => says(offset, 'x'.repeat(60));
    const first = cold<LogRecord[]>('(a|)', { a: [big(0), big(1), r(2), big(3)] });
    const failing = cold<LogRecord[]>('----#', undefined, new Error('gone'));
    let n = 0;
    const result = source({
      read: () => (n++ === 0 ? first : failing),
      appended: hot('-----'),
      consumed: hot('-x-x-'),
      after: -1,
      limit: 10,
      limitBytes: 100,
      readAhead: 3,
      paceMs: 0,
      scheduler,
    });
    expectObservable(result).toBe(
      'ab-c#',
      {
        a: batchOf(big(0)),
        b: batchOf(big(1), r(2)),
        c: batchOf(big(3)),
      },
      new Error('gone'),
    );
  });
});

test('paces its reads at the end of the log, but not while there is much to read, nor after a pause', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable }) => {
    const some = (...offsets: number[]) => cold<LogRecord[]>('(a|)', { a: offsets.map(r) });
    const reads = [some(0, 1, 2), some(3), some(4, 5), cold<LogRecord[]>('|'), some(6)];
    let n = 0;
    const result = source({
      read: () => reads[n++] ?? cold<LogRecord[]>('|'),
      // Full at once, then one, which was the end for now.
      appended: hot('-xxxx---------------x---'),
      consumed: hot('-x-x----x---------------'),
      after: -1,
      limit: 3,
      limitBytes: BIG,
      readAhead: 2,
      paceMs: 6,
      scheduler,
    });
    expectObservable(result, '^----------------------!').toBe('ab----c-------------d', {
      a: batchOf(r(0), r(1), r(2)),
      b: batchOf(r(3)),
      c: batchOf(r(4), r(5)),
      d: batchOf(r(6)),
    });
  });
});
