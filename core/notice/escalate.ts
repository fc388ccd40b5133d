import type { EscalationRecipient, EscalationStep } from '../rules/escalation.ts';

/** One waiting for an acknowledgement: since when, what was said of the chain, and past whom it went on. */
export interface Round {
  readonly sinceMs: number;
  /** By step: how often it was said, and when last. */
  readonly said: readonly { readonly times: number; readonly lastMs: number }[];
  /** Who could not be told, so that the chain went on past them; once each. */
  readonly passed: readonly string[];
  /** Audiences that a page of this round could not be brought to. */
  readonly failed: readonly string[];
}

export const newRound = (sinceMs: number): Round => ({ sinceMs, said: [], passed: [], failed: [] });

/** What is stored may be older than this program: what does not fit begins anew at `sinceMs`. */
export const readRound = (payload: string, sinceMs: number): Round => {
  try {
    const { sinceMs: since, said, passed, failed } = JSON.parse(payload) as Partial<Round>;
    const isWhole = [said, passed, failed].every(Array.isArray);
    if (typeof since !== 'number' || !isWhole) return newRound(sinceMs);
    return { sinceMs: since, said: said ?? [], passed: passed ?? [], failed: failed ?? [] };
  } catch {
    return newRound(sinceMs);
  }
};

/** The service was away: nobody could answer meanwhile, so the whole round happens that much later. */
export const shifted = (round: Round, byMs: number): Round => ({
  ...round,
  sinceMs: round.sinceMs + byMs,
  said: round.said.map(({ times, lastMs }) => ({ times, lastMs: lastMs + byMs })),
});

/** A page could not be brought to this audience: whoever comes next in the chain is told at once. */
export const undelivered = (round: Round, audience: string): Round =>
  round.failed.includes(audience) ? round : { ...round, failed: [...round.failed.slice(-49), audience] };

export type EscalationReason =
  | 'not-acknowledged-in-time'
  | 'still-not-acknowledged'
  | 'crew-has-no-channel'
  | 'station-has-no-channel'
  | 'channel-fails';

export interface Telling {
  readonly to: EscalationRecipient;
  readonly reason: EscalationReason;
}

export interface Escalated {
  readonly tell: readonly Telling[];
  readonly round: Round;
  /** When to look again. */
  readonly nextMs: number;
}

/** Whether each recipient can be told now, as named by who asks. */
export interface Facts {
  readonly nowMs: number;
  /** The crew that is asked; null: nobody is. */
  readonly crew: string | null;
  /** When that crew was asked: it is reminded no sooner than a step's time after that. */
  readonly askedAtMs: number | null;
  /** Null: can be told; else why not. */
  readonly why: Readonly<Record<EscalationRecipient, EscalationReason | null>>;
}

const HOUR_MS = 3_600_000;
/** After so many repeats a step slows down to once an hour: it must not stop, nor fill the timeline. */
const BRISK_REPEATS = 10;

const none = { times: 0, lastMs: 0 };

const repeatMs = (everyMs: number, times: number): number =>
  times <= BRISK_REPEATS ? everyMs : Math.max(everyMs, HOUR_MS);

const dueMs = (step: EscalationStep, round: Round, index: number, askedAtMs: number | null): number => {
  const { times, lastMs } = round.said[index] ?? none;
  const leastMs = step.to === 'crew' && askedAtMs !== null ? askedAtMs + step.afterMs : 0;
  if (times === 0) return Math.max(round.sinceMs + step.afterMs, leastMs);
  if (step.repeatEveryMs === null) return Number.POSITIVE_INFINITY;
  return Math.max(lastMs + repeatMs(step.repeatEveryMs, times), leastMs);
};

const marked = (round: Round, index: number, nowMs: number): Round => {
  const said = Array.from(
    { length: Math.max(round.said.length, index + 1) },
    (_, at) => round.said[at] ?? none,
  );
  const { times } = said[index] ?? none;
  return { ...round, said: said.with(index, { times: times + 1, lastMs: nowMs }) };
};

const who = (to: EscalationRecipient, crew: string | null): string =>
  to === 'crew' || to === 'station' ? `${to}:${crew}` : to;

/**
 * The chain of a ticket that waits for somebody to acknowledge it. What is due is said once, however late it is; who can't
 * be told is passed over once per round, and the next in the chain, whom nobody told yet, is told at once.
 */
export const escalate = (chain: readonly EscalationStep[], given: Round, facts: Facts): Escalated => {
  const { nowMs, crew, askedAtMs, why } = facts;
  const tell: Telling[] = [];
  let round = given;

  /** The first step after `index` that was never said, to somebody else who can be told. */
  const passOn = (index: number, from: EscalationRecipient, reason: EscalationReason): void => {
    const key = who(from, crew);
    if (round.passed.includes(key)) return;
    round = { ...round, passed: [...round.passed.slice(-49), key] };
    for (const [at, step] of chain.entries()) {
      if (at <= index || step.to === from || (round.said[at]?.times ?? 0) > 0 || why[step.to] !== null)
        continue;
      if (step.to === 'crew' && crew === null) continue;
      tell.push({ to: step.to, reason });
      round = marked(round, at, nowMs);
      return;
    }
  };

  if (crew !== null && why.crew !== null && nowMs >= round.sinceMs) passOn(-1, 'crew', why.crew);
  for (const [index, step] of chain.entries()) {
    if (dueMs(step, round, index, askedAtMs) > nowMs) continue;
    const isFirst = (round.said[index]?.times ?? 0) === 0;
    round = marked(round, index, nowMs);
    if ((step.to === 'crew' || step.to === 'station') && crew === null) continue;
    const reason = why[step.to];
    if (reason !== null) passOn(index, step.to, reason);
    else tell.push({ to: step.to, reason: isFirst ? 'not-acknowledged-in-time' : 'still-not-acknowledged' });
  }
  const nextMs = Math.min(
    nowMs + HOUR_MS,
    ...chain.map((step, index) => dueMs(step, round, index, askedAtMs)),
  );
  return { tell, round, nextMs: Math.max(nextMs, nowMs + 1) };
};
