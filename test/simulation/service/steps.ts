import type { Random } from '../../../simulators/random/stream.ts';
import type { Thread } from '../../../store/sqlite/thread.ts';
import { sleep, type Timers } from '../../../time/timers.ts';
import { between, type Crash, type Disturbances, type PartName, type StoreName } from '../plan.ts';

/** A call of a part on a store, by what it does there. */
export interface Call {
  readonly part: PartName;
  readonly store: StoreName;
  readonly method: string;
  /** It tells somebody something: an alert, a ticket, a notice, a message, readings. */
  readonly isWork: boolean;
}

/** Where parts die: at which call, before or after its effect. */
export interface Steps {
  /** The part is asked for each call whether it dies there. */
  at(call: Call): Crash | null;
  isOut(store: StoreName): boolean;
  /** What this call waits before it is done; 0 mostly. */
  latencyMs(): number;
}

const EFFECTS = new Set(['begin', 'run', 'commit', 'append', 'write']);
const COMMITS = new Set(['commit', 'append', 'write']);

const WORK = /^(insert into|update) "(tickets|ticket_timeline|alerts|alert_timeline|outbox|notices)"/;

const concerns = (crash: Crash, { part, method, isWork }: Call): boolean => {
  if (crash.part !== part) return false;
  if (crash.calls === 'work') return isWork;
  if (crash.calls === 'appends') return isWork && (method === 'append' || method === 'write');
  if (crash.calls === 'commits') return COMMITS.has(method);
  return crash.calls === 'any' || EFFECTS.has(method);
};

export const createSteps = (
  { crashes, outages, slowCall }: Disturbances,
  timers: Timers,
  random: Random,
): Steps => {
  const armed = crashes.map((crash) => ({ crash, left: crash.skip }));
  return {
    at: (call) => {
      const nowMs = timers.now();
      const index = armed.findIndex(({ crash }) => crash.atMs <= nowMs && concerns(crash, call));
      const found = armed[index];
      if (!found) return null;
      found.left -= 1;
      if (found.left >= 0) return null;
      armed.splice(index, 1);
      return found.crash;
    },
    isOut: (store) =>
      outages.some((out) => out.store === store && out.fromMs <= timers.now() && timers.now() < out.toMs),
    latencyMs: () => (slowCall > 0 && random() < slowCall ? between(random, 1, 40) : 0),
  };
};

export interface Mortal {
  readonly part: PartName;
  readonly timers: Timers;
  isDead(): boolean;
  die(crash: Crash): void;
}

const never = new Promise<never>(() => {});

const outage = (store: StoreName): Error => {
  const error = new Error(`the ${store} is away`);
  if (store === 'log') error.name = 'LogFullError';
  if (store === 'ledger') error.name = 'LedgerBusyError';
  return error;
};

/** One call of a part: it may be slow, be refused, or be the last that the part does. A dead part hears nothing. */
export const taken = async <T>(
  steps: Steps,
  mortal: Mortal,
  { store, method, isWork }: Omit<Call, 'part'>,
  work: () => Promise<T>,
): Promise<T> => {
  if (mortal.isDead()) return never;
  const waitMs = steps.latencyMs();
  if (waitMs > 0) await sleep(mortal.timers, waitMs);
  const crash = steps.at({ part: mortal.part, store, method, isWork });
  if (crash?.when === 'before') {
    mortal.die(crash);
    return never;
  }
  // An answer on its way when the store goes away still comes; what is inside a transaction may end it.
  if (steps.isOut(store) && method !== 'commit' && method !== 'rollback') throw outage(store);
  const answer = await work();
  if (crash) mortal.die(crash);
  return mortal.isDead() ? never : answer;
};

/** A store's thread as a part sees it. */
export const throughSteps =
  (steps: Steps, mortal: Mortal, store: StoreName) =>
  (thread: Thread): Thread => {
    /** The transaction that is open has done some work: so its commit is work, too. */
    let hasWorked = false;
    return {
      ...thread,
      call: <T>(method: string, args: readonly unknown[]): Promise<T> => {
        const isWriting =
          store === 'ledger' ? method === 'run' && WORK.test(String(args[0])) : method === 'write';
        if (method === 'begin') hasWorked = false;
        hasWorked ||= isWriting;
        const isWork = isWriting || (method === 'commit' && hasWorked);
        return taken(steps, mortal, { store, method, isWork }, () => thread.call<T>(method, args));
      },
    };
  };
