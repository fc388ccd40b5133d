import type { AlertReason, Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene, update } from './announce.ts';
import { proofOf } from './proof.ts';
import { follow, isBeyond, newRun } from './run.ts';
import type { SeriesState } from './series.ts';
import { othersMove, type Work } from './work.ts';

/** A counter, and what it has counted in truth: resets, wild readings and leaps taken out. */
export interface Counter {
  /** The last value that is believed, and when it came. */
  value: number;
  atMs: number;
  /** Counted since the first reading. */
  total: number;
  resets: number;
  /** Largest honest rate so far, counts a second, for counters whose largest is not in the catalogue. */
  mostPerS: number;
  /** A value that does not follow from the last: believed when two more follow from it. */
  suspect: { value: number; atMs: number; n: number; gain: number } | null;
  /** When leaps and wild values came, the newest ones. */
  leaps: number[];
  active: Active | null;
}

interface At {
  readonly tsMs: number;
  readonly value: number;
}

const DETECTOR = { name: 'counter', version: 1 } as const;
const DAY_MS = 86_400_000;
const BELIEVED = 3;
const REPEATED = 3;
/** Widths at which small controllers begin again at zero. */
const WRAPS = [2 ** 16, 2 ** 31, 2 ** 32];
/** Counts that may have been told with a delay, whatever the rate. */
const SLACK = 10;

const newCounter = ({ tsMs, value }: At): Counter => ({
  value,
  atMs: tsMs,
  total: 0,
  resets: 0,
  mostPerS: 0,
  suspect: null,
  leaps: [],
  active: null,
});

/** The increase that this much time allows at most. */
const mostIn = (signal: Signal | undefined, counter: Counter, passedMs: number): number => {
  const perS = signal?.maxPerS ?? Math.max(1, 10 * counter.mostPerS);
  return SLACK + perS * Math.max(1, passedMs / 1_000);
};

const wrapped = (before: number, value: number): number | null => {
  const width = WRAPS.find((size) => before < size && before >= 0.9 * size && value < 0.1 * size);
  return width === undefined ? null : value + width - before;
};

type Course = 'counted' | 'wild' | 'reset' | 'leapt' | 'waits';

const believe = (signal: Signal | undefined, counter: Counter): Course => {
  const suspect = counter.suspect as NonNullable<Counter['suspect']>;
  const start = suspect.value - suspect.gain;
  const isReset = start < counter.value;
  const room = mostIn(signal, counter, suspect.atMs - counter.atMs);
  // After a restart at zero all that it shows was counted since; a preset one shows nothing of that.
  counter.total += suspect.gain + (isReset && start <= room ? start : 0);
  if (isReset) counter.resets += 1;
  else counter.leaps = [...counter.leaps, suspect.atMs].slice(-REPEATED);
  counter.value = suspect.value;
  counter.atMs = suspect.atMs;
  counter.suspect = null;
  return isReset ? 'reset' : 'leapt';
};

const count = (counter: Counter, gain: number, { tsMs, value }: At): void => {
  const passedS = (tsMs - counter.atMs) / 1_000;
  if (passedS >= 1) counter.mostPerS = Math.max(counter.mostPerS, gain / passedS);
  counter.total += gain;
  counter.value = value;
  counter.atMs = tsMs;
};

/** Takes a reading of the counter; says what it was. */
const take = (signal: Signal | undefined, counter: Counter, at: At): Course => {
  const gain = at.value - counter.value;
  const fits = (by: number, sinceMs: number): boolean =>
    by >= 0 && by <= mostIn(signal, counter, at.tsMs - sinceMs);
  const { suspect } = counter;
  if (fits(gain, counter.atMs)) {
    count(counter, gain, at);
    counter.suspect = null;
    if (suspect) counter.leaps = [...counter.leaps, suspect.atMs].slice(-REPEATED);
    return suspect ? 'wild' : 'counted';
  }
  const onward = wrapped(counter.value, at.value);
  if (onward !== null && fits(onward, counter.atMs)) {
    count(counter, onward, at);
    counter.suspect = null;
    return 'counted';
  }
  if (!suspect || !fits(at.value - suspect.value, suspect.atMs)) {
    counter.suspect = { value: at.value, atMs: at.tsMs, n: 1, gain: 0 };
    return 'waits';
  }
  suspect.gain += at.value - suspect.value;
  Object.assign(suspect, { value: at.value, atMs: at.tsMs, n: suspect.n + 1 });
  return suspect.n >= BELIEVED ? believe(signal, counter) : 'waits';
};

const evidence = (metric: string, fromMs: number, at: At) =>
  proofOf(DETECTOR, { metric, fromMs, toMs: at.tsMs, seen: at.value });

const tell = (
  scene: Scene,
  metric: string,
  component: string,
  counter: Counter,
  at: At,
  reason: AlertReason,
  severity: Severity,
): void => {
  const telling = { reason, atMs: at.tsMs, evidence: evidence(metric, counter.atMs, at) };
  if (!counter.active)
    counter.active = raise(scene, { rule: `counter:${metric}`, component, severity }, telling);
  else if (severity !== counter.active.severity) update(scene, counter.active, severity, telling);
};

const end = (scene: Scene, metric: string, counter: Counter, at: At, reason: AlertReason): void => {
  if (!counter.active) return;
  clear(scene, counter.active, { reason, atMs: at.tsMs, evidence: evidence(metric, counter.atMs, at) });
  counter.active = null;
};

/** Resets are noted and over; leaps that come again and again are the controller's fault. */
const judgeCourse = (
  scene: Scene,
  metric: string,
  component: string,
  counter: Counter,
  at: At,
  course: Course,
): void => {
  if (course === 'waits') return;
  if (course === 'counted') {
    const isQuiet = at.tsMs - (counter.leaps.at(-1) ?? 0) >= DAY_MS;
    if (counter.active?.severity === 'watch' || isQuiet) end(scene, metric, counter, at, 'counting-again');
    return;
  }
  if (course === 'reset') {
    tell(scene, metric, component, counter, at, 'counter-reset', counter.active?.severity ?? 'watch');
    return;
  }
  const recent = counter.leaps.filter((ms) => at.tsMs - ms < DAY_MS).length;
  tell(scene, metric, component, counter, at, 'counter-leapt', recent >= REPEATED ? 'S3' : 'watch');
};

/** The unit works, and its counter does not count: far more work than ever passed between two counts. */
const judgeStandstill = (
  scene: Scene,
  metric: string,
  component: string,
  series: SeriesState,
  at: At,
  work: Work,
): void => {
  series.run ??= newRun(at.tsMs, at.value);
  const { run } = series;
  const hasMoved = follow(run, at.tsMs, at.value, othersMove(work, false, false));
  if (run.active) {
    if (!hasMoved) return;
    clear(scene, run.active, {
      reason: 'counting-again',
      atMs: at.tsMs,
      evidence: evidence(metric, run.sinceMs, at),
    });
    run.active = null;
    return;
  }
  const { stuck } = parametersOf(scene, metric);
  if (hasMoved || run.work === 0 || !isBeyond(run, stuck.forMs, false)) return;
  run.active = raise(
    scene,
    { rule: `counter-still:${metric}`, component, severity: 'S3' },
    { reason: 'counter-stands-still', atMs: at.tsMs, evidence: evidence(metric, run.sinceMs, at) },
  );
};

export const endCounter = (scene: Scene, metric: string, series: SeriesState): void => {
  const { counter, run } = series;
  if (counter) end(scene, metric, counter, { tsMs: counter.atMs, value: counter.value }, 'rule-removed');
  if (!run?.active?.rule.startsWith('counter-still:')) return;
  const at = { tsMs: run.lastMs, value: run.value };
  const telling = {
    reason: 'rule-removed',
    atMs: at.tsMs,
    evidence: evidence(metric, run.sinceMs, at),
  } as const;
  clear(scene, run.active, telling);
  run.active = null;
};

/** What the counter has counted since it was first heard, resets and leaps taken out; null where none is known. */
export const countedBy = (series: SeriesState | undefined): number | null => series?.counter?.total ?? null;

/**
 * A counter that goes back began anew (`watch`, over at its next step: the total goes on); one that leaps beyond
 * its largest rate is not believed (`watch`; three times within a day `S3`); one that stands still while its unit
 * works is `S3`. Widths of 16, 31 and 32 bits that ran full are no resets.
 */
export const judgeCounter = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  at: At,
  work: Work,
): void => {
  const isOn = parametersOf(scene, metric).counter.on;
  if (series.counter) {
    const course = take(signal, series.counter, at);
    if (isOn) judgeCourse(scene, metric, component, series.counter, at, course);
  } else series.counter = newCounter(at);
  if (isOn) judgeStandstill(scene, metric, component, series, at, work);
};
