import { defer } from 'rxjs';
import { expect, test } from 'vitest';
import { type CommitPolicy, commit } from './commit.ts';
import { marbles } from './testing/marbles.ts';

type B = { readonly n: number; readonly urgent?: boolean };
const policy = (
  flush: CommitPolicy<B>['flush'],
  more: Partial<CommitPolicy<B>> & Pick<CommitPolicy<B>, 'scheduler'>,
): CommitPolicy<B> => ({
  pend: ({ urgent = false }) => urgent,
  recordsOf: ({ n }) => n,
  flush,
  everyMs: 10,
  everyRecords: 100,
  ...more,
});

test('an urgent batch is handed on when it is committed, others at once', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const flush = cold('---|');
    const values = { a: { n: 1 }, u: { n: 1, urgent: true } };
    const batches = hot('a--u----|', values);
    expectObservable(batches.pipe(commit(policy(() => flush, { scheduler })))).toBe('a-----u-|', values);
    expectSubscriptions(batches.subscriptions).toBe('^-------!');
    expectSubscriptions(flush.subscriptions).toBe('---^--!');
  });
});

test('so many records, or so long after the last time, are due; also when nothing follows', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const flush = cold('-|');
    const values = { a: { n: 60 }, b: { n: 1 } };
    const batches = hot('a--a------b--------------|', values);
    expectObservable(batches.pipe(commit(policy(() => flush, { scheduler })))).toBe(
      '                   a---a-----b--------------|',
      values,
    );
    expectSubscriptions(flush.subscriptions).toBe(['---^!', '--------------------^!']);
  });
});

test('flushes what is left when the source completes, one flush at a time', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const flush = cold('-----|');
    const values = { u: { n: 1, urgent: true }, a: { n: 1 } };
    const batches = hot('uua|', values);
    expectObservable(batches.pipe(commit(policy(() => flush, { scheduler })))).toBe(
      '-----u----(ua)-|',
      values,
    );
    expectSubscriptions(flush.subscriptions).toBe(['^----!', '-----^----!', '----------^----!']);
  });
});

test('an error of the flush is its error; what is pending is taken when the flush begins', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable }) => {
    const taken: number[] = [];
    let pending = 0;
    const flush = () =>
      defer(() => {
        taken.push(pending);
        return cold('--#', undefined, new Error('down'));
      });
    const values = { a: { n: 1 }, u: { n: 1, urgent: true } };
    const result = hot('aau', values).pipe(
      commit(
        policy(flush, {
          scheduler,
          pend: ({ urgent = false }) => {
            pending += 1;
            return urgent;
          },
        }),
      ),
    );
    expectObservable(result).toBe('aa--#', values, new Error('down'));
    scheduler.flush();
    expect(taken).toEqual([3]);
  });
});
