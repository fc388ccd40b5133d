import type { AlertReason, Evidence } from '../alert/alert.ts';
import { signalItem } from '../fault/catalogue.ts';
import type { Reading } from '../telemetry/reading.ts';
import { type Active, clear, parametersOf, raise, type Scene, update } from './announce.ts';
import {
  addColumn,
  type Finding,
  type Novelty,
  newNovelty,
  observe,
  savedNovelty,
} from './novelty/novelty.ts';
import { proofOf } from './proof.ts';
import { short } from './series.ts';

const DETECTOR = { name: 'joint', version: 1 } as const;

/** All metrics of one unit together, as `precall detect` judges a table. */
export interface Together {
  /** What each column of `novelty` is. */
  readonly metrics: string[];
  readonly novelty: Novelty;
  active: Active | null;
  /** What was told with the alert: metrics, and whether as a level or as new. */
  told: string[];
  findings: readonly Finding[];
  lastMs: number;
}

/** Metrics of one unit that are judged together, at some 100 kB each as JSON; others of it are left out. */
export const MAX_METRICS = 32;
/** Metrics that an alert names. */
const NAMED = 8;
/** Readings between two updates of an alert. */
const BETWEEN_UPDATES = 16;

export const newTogether = (): Together => ({
  metrics: [],
  novelty: newNovelty(0, 0),
  active: null,
  told: [],
  findings: [],
  lastMs: 0,
});

/** As JSON values. */
export const savedTogether = (together: Together): Together => ({
  ...together,
  novelty: savedNovelty(together.novelty),
});

const bandOf = ({ expected }: Finding): Evidence['expected'] =>
  expected && { low: short(expected.low), high: short(expected.high) };

/** The farthest metric, and which others with it. */
const evidenceOf = ({ metrics, findings, lastMs }: Together): Evidence => {
  const named = findings.slice(0, NAMED);
  const [first] = named;
  return {
    ...proofOf(DETECTOR, {
      metric: first ? (metrics[first.column] as string) : null,
      fromMs: first ? Math.min(...named.map(({ sinceMs }) => sinceMs)) : lastMs,
      toMs: lastMs,
      expected: first ? bandOf(first) : null,
      seen: first ? short(first.seen) : null,
    }),
    others: named.slice(1).map((one) => ({
      metric: metrics[one.column] as string,
      expected: bandOf(one),
      seen: short(one.seen),
      sinceMs: one.sinceMs,
    })),
  };
};

/** The row of this reading; metrics that were never judged get a column of their own while there is room. */
const rowOf = (scene: Scene, together: Together, { values }: Reading): (number | null)[] | null => {
  const row = new Array<number | null>(together.metrics.length).fill(null);
  let judged = 0;
  for (const metric in values) {
    const signal = scene.catalogue.signals.get(metric);
    if (signal?.counter || signal?.state || !parametersOf(scene, metric).joint.on) continue;
    let at = together.metrics.indexOf(metric);
    if (at < 0) {
      if (together.metrics.length >= MAX_METRICS) continue;
      at = together.metrics.push(metric) - 1;
      addColumn(together.novelty);
      row.push(null);
    }
    row[at] = values[metric] as number;
    judged += 1;
  }
  return judged === 0 ? null : row;
};

const namesOf = ({ metrics, findings }: Together): string[] =>
  findings.map(({ kind, column }) => `${kind} ${metrics[column]}`);

const begin = (scene: Scene, together: Together): void => {
  const first = together.findings[0];
  if (!first) return;
  const metric = together.metrics[first.column] as string;
  const component = signalItem(scene.catalogue, metric);
  const reason: AlertReason = first.kind === 'new' ? 'never-seen-before' : 'off-normal-together';
  together.active = raise(
    scene,
    { rule: 'joint', component, severity: 'watch' },
    { reason, atMs: together.lastMs, evidence: evidenceOf(together) },
  );
  together.told = namesOf(together);
};

const end = (scene: Scene, together: Together, reason: AlertReason): void => {
  if (together.active)
    clear(scene, together.active, { reason, atMs: together.lastMs, evidence: evidenceOf(together) });
  together.active = null;
  together.told = [];
};

/** Another metric has joined: told, but not all the time. */
const goOn = (scene: Scene, together: Together, active: Active): void => {
  active.n += 1;
  const now = namesOf(together);
  if (active.n < BETWEEN_UPDATES || now.every((name) => together.told.includes(name))) return;
  update(scene, active, active.severity, {
    reason: 'off-normal-together',
    atMs: together.lastMs,
    evidence: evidenceOf(together),
  });
  together.told = [...new Set([...together.told, ...now])];
};

/** Whether the rules still ask for it, for any of its metrics. */
export const isWatchedTogether = (scene: Scene, { metrics }: Together): boolean =>
  metrics.some((metric) => parametersOf(scene, metric).joint.on);

/** Whether any metric of this reading is to be judged so: asked before anything is kept for the unit. */
export const isTogether = (scene: Scene, { values }: Reading): boolean => {
  for (const metric in values) if (parametersOf(scene, metric).joint.on) return true;
  return false;
};

/**
 * The metrics of a unit by all of them together: a state that leaves normal and comes back to it, and what the unit
 * never did before. One `watch` a unit: it opens no ticket, because a state that lasts becomes the new normal, be it
 * good or bad. After a repair nothing is forgotten: it is over when the levels are back. Changes `together`.
 */
export const judgeTogether = (scene: Scene, together: Together, reading: Reading): void => {
  const row = rowOf(scene, together, reading);
  if (row === null) return;
  const { alert, findings } = observe(together.novelty, { tsMs: reading.tsMs, values: row });
  together.lastMs = reading.tsMs;
  if (alert && findings.length > 0) together.findings = findings;
  if (!together.active) {
    if (alert) begin(scene, together);
    return;
  }
  if (alert) goOn(scene, together, together.active);
  else end(scene, together, hasNormal(together) ? 'normal-together' : 'learnt-as-normal');
};

/** Not right after all that was known was given up, because a state has lasted. */
const hasNormal = ({ novelty }: Together): boolean =>
  novelty.joint.levels.some(({ normal }) => normal !== null);

/** The unit is not to be judged so any more. */
export const endTogether = (scene: Scene, together: Together): void => end(scene, together, 'rule-removed');
