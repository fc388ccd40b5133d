import { test } from 'vitest';
import type { LogRecord } from '../store/log.ts';
import { source } from './source.ts';
import { marbles } from './testing/marbles.ts';
import { batchOf, says, ticks } from './testing/records.ts';

const r = (offset: number) => ticks(offset, 1_000 + offset);
const BIG = 1_000_000;

test('reads on from its offset, hands on one batch at a time, reads ahead no further than told', () => {
  marbles().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
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
    const result = source({ read, appended, consumed, after: 4, limit: 10, limitBytes: BIG, readAhead: 1 });
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
  marbles().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
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
    });
    expectObservable(result, '^---------------!').toBe('------------a', { a: batchOf(r(0)) });
    expectSubscriptions((reads[0] as (typeof reads)[0]).subscriptions).toBe('^--!');
    expectSubscriptions((reads[1] as (typeof reads)[0]).subscriptions).toBe('---^--!');
    expectSubscriptions((reads[2] as (typeof reads)[0]).subscriptions).toBe('-----------^!');
  });
});

test('cuts a read into batches of so many bytes; an error of a read is its error', () => {
  marbles().run(({ cold, hot, expectObservable }) => {
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
