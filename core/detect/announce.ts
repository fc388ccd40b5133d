import type { AlertEvent, AlertReason, Evidence, Severity } from '../alert/alert.ts';
import { SEVERITY_RANK } from '../alert/alert.ts';
import type { Catalogue } from '../fault/catalogue.ts';
import type { Parameters, RuleBook } from '../rules/parameters.ts';
import { peersHere } from './alike.ts';
import type { Populations } from './population.ts';

/** The log record that is being worked on. `nextIndex` numbers the events that it causes. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
  readonly receivedAtMs: number;
  nextIndex: number;
}

/** Where the detectors stand while they judge one input: what they may know, and where they report to. */
export interface Scene {
  readonly catalogue: Catalogue;
  readonly rules: RuleBook;
  readonly equipment: string;
  /** As a person registered it, else as the machine says; null: not known. */
  readonly model: string | null;
  readonly unit: string;
  /** How other machines are, by model, as the log told it last. */
  readonly populations: Populations;
  readonly place: Place;
  readonly events: AlertEvent[];
}

/** The parameters that hold for a metric of the scene's unit; `metric` null: for the unit, or equipment, as a whole. */
export const parametersOf = ({ rules, model, unit }: Scene, metric: string | null): Parameters =>
  rules.of(model, unit, metric);

/** An alert that is active now, as far as its detector must remember it. */
export interface Active {
  readonly id: string;
  readonly rule: string;
  readonly component: string;
  severity: Severity;
  /** The farthest value that was reported. */
  seen: number;
  /** Readings since the last event. */
  n: number;
}

interface Telling {
  readonly reason: AlertReason;
  readonly atMs: number;
  readonly evidence: Evidence;
}

const push = (
  scene: Scene,
  alert: Omit<Active, 'seen' | 'n'>,
  type: AlertEvent['type'],
  telling: Telling,
): void => {
  const { partition, offset, receivedAtMs } = scene.place;
  scene.events.push({
    key: { partition, offset, index: scene.place.nextIndex++ },
    alert: alert.id,
    type,
    reason: telling.reason,
    atMs: telling.atMs,
    receivedAtMs,
    equipment: scene.equipment,
    unit: scene.unit,
    component: alert.component,
    rule: alert.rule,
    severity: alert.severity,
    evidence: {
      ...telling.evidence,
      peers: peersHere(scene, telling.evidence.metric),
      rules: scene.rules.version,
    },
  });
};

/** The id comes from the key of the raising event, so that a replay names the alert the same. */
export const raise = (
  scene: Scene,
  alert: { readonly rule: string; readonly component: string; readonly severity: Severity },
  telling: Telling,
): Active => {
  const { partition, offset, nextIndex } = scene.place;
  const active: Active = {
    id: `a${partition}-${offset}-${nextIndex}`,
    rule: alert.rule,
    component: alert.component,
    severity: alert.severity,
    seen: telling.evidence.seen ?? 0,
    n: 0,
  };
  push(scene, active, 'raised', telling);
  return active;
};

/** Reports a change; where the severity moved, that is the reason. */
export const update = (scene: Scene, active: Active, severity: Severity, telling: Telling): void => {
  const moved = SEVERITY_RANK[severity] - SEVERITY_RANK[active.severity];
  const reason = moved < 0 ? 'severity-raised' : moved > 0 ? 'severity-lowered' : telling.reason;
  active.severity = severity;
  active.seen = telling.evidence.seen ?? active.seen;
  active.n = 0;
  push(scene, active, 'updated', { ...telling, reason });
};

export const clear = (scene: Scene, active: Active, telling: Telling): void =>
  push(scene, active, 'cleared', telling);
