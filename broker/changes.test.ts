import { expect, it, onTestFinished } from 'vitest';
import { type Change, ChangesLostError } from '../store/ledger.ts';
import { systemTimers } from '../time/system.ts';
import { followChanges } from './changes.ts';
import { until } from './testing/bench.ts';

const createFeed = () => {
  const changes: Change[] = [];
  const listeners = new Set<() => void>();
  const state = { broken: false, oldest: 0 };
  return {
    state,
    add(id: string) {
      changes.push({ cursor: String(changes.length), kind: 'credential', id, what: 'added', atMs: 0 });
      for (const listener of listeners) listener();
    },
    listeners,
    ledger: {
      async changes(after: string | null, limit: number) {
        if (state.broken) throw new Error('down');
        const from = after === null ? 0 : Number(after) + 1;
        if (from < state.oldest) throw new ChangesLostError(`${after}`, `${state.oldest}`);
        return changes.slice(after === null ? 0 : Number(after) + 1).slice(0, limit);
      },
      head: async () => changes.at(-1)?.cursor ?? null,
      onChange(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
};

const follow = (feed: ReturnType<typeof createFeed>, handle: (change: Change) => Promise<void>) => {
  const problems: unknown[] = [];
  const lost: number[] = [];
  const follower = followChanges({
    ledger: feed.ledger,
    timers: systemTimers,
    after: null,
    handle,
    onProblem: (error) => problems.push(error),
    onLost: async () => void lost.push(problems.length),
    retryMs: 5,
  });
  onTestFinished(() => follower.close());
  return { follower, problems, lost };
};

it('hands on every change once, in order, also those that come while it works', async () => {
  const feed = createFeed();
  const heard: string[] = [];
  for (let n = 0; n < 450; n++) feed.add(`${n}`);
  follow(feed, async ({ id }) => {
    heard.push(id);
    if (id === '3') feed.add('450');
    await new Promise((resolve) => setImmediate(resolve));
  });
  await until('all', () => heard.length === 451);
  feed.add('451');
  await until('the last', () => heard.length === 452);
  expect(heard).toEqual(Array.from({ length: 452 }, (_, n) => `${n}`));
});

it('goes on where it stood when the ledger was down', async () => {
  const feed = createFeed();
  const heard: string[] = [];
  const { problems } = follow(feed, async ({ id }) => void heard.push(id));
  feed.add('a');
  await until('the first', () => heard.length === 1);
  feed.state.broken = true;
  feed.add('b');
  await until('some failures', () => problems.length >= 2);
  feed.state.broken = false;
  await until('the second', () => heard.length === 2);
  expect(heard).toEqual(['a', 'b']);
});

it('says so once when it came too late, and follows on from the newest', async () => {
  const feed = createFeed();
  const heard: string[] = [];
  const { lost } = follow(feed, async ({ id }) => void heard.push(id));
  feed.add('a');
  await until('the first', () => heard.length === 1);
  feed.state.broken = true;
  for (const id of ['b', 'c', 'd']) feed.add(id);
  feed.state.oldest = 3;
  feed.state.broken = false;
  await until('the loss', () => lost.length === 1);
  feed.add('e');
  await until('the next', () => heard.length === 2);
  expect([heard, lost.length]).toEqual([['a', 'e'], 1]);
});

it('tries a change that fails again, and leaves it behind after five times', async () => {
  const feed = createFeed();
  const tries = new Map<string, number>();
  const { problems } = follow(feed, async ({ id }) => {
    tries.set(id, (tries.get(id) ?? 0) + 1);
    if (id === 'always' || tries.get(id) === 1) throw new Error(id);
  });
  for (const id of ['once', 'always', 'next']) feed.add(id);
  await until('all', () => tries.get('next') === 2);
  expect(Object.fromEntries(tries)).toEqual({ once: 2, always: 5, next: 2 });
  expect(problems.length).toBe(1 + 5 + 1);
});

it('stops when it is closed', async () => {
  const feed = createFeed();
  const heard: string[] = [];
  const { follower } = follow(feed, async ({ id }) => void heard.push(id));
  await follower.close();
  expect(feed.listeners.size).toBe(0);
  feed.add('late');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toEqual([]);
});
