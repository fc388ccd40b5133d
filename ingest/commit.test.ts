import { defer } from 'rxjs';
import { expect, test } from 'vitest';
import { type CommitPolicy, commit, type Occasion } from './commit.ts';
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
    const flush = cold<null>('---(n|)', { n: null });
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
    const flush = cold<null>('-(n|)', { n: null });
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
    const flush = cold<null>('-----(n|)', { n: null });
    const values = { u: { n: 1, urgent: true }, a: { n: 1 } };
    const batches = hot('uua|', values);
    const slow = policy(() => flush, { scheduler, everyMs: 20 });
    expectObservable(batches.pipe(commit(slow))).toBe('-----u----(ua)-|', values);
    expectSubscriptions(flush.subscriptions).toBe(['^----!', '-----^----!', '----------^----!']);
  });
});

test('what is urgent does not put off what is due; what is left is flushed every so often, and all of it at the end', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, hot, expectObservable }) => {
    const flushes: string[] = [];
    let left = 4;
    const flush = (why: Occasion) => {
      if (why !== 'urgent') left -= 1;
      flushes.push(`${scheduler.now()} ${why}`);
      return cold('(l|)', { l: left > 0 ? 5 : null });
    };
    const values = { u: { n: 1, urgent: true } };
    const batches = hot('---u---u---u---uu-------------------|', values);
    expectObservable(batches.pipe(commit(policy(flush, { scheduler })))).toBe(
      '                   ---u---u---u---uu-------------------|',
      values,
    );
    scheduler.flush();
    expect(flushes).toEqual(['3 urgent', '7 urgent', '11 due', '15 urgent', '16 due', '26 due', '36 last']);
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
        return cold<null>('--#', undefined, new Error('down'));
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
