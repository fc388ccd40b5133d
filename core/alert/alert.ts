/** S1 lock-out, S2 service lost, S3 degraded; `watch` is worth knowing and opens no ticket. */
export type Severity = 'S1' | 'S2' | 'S3' | 'watch';

export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { S1: 0, S2: 1, S3: 2, watch: 3 };

/** A range of values that would have been normal, in the metric's unit. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** When a drifting value is expected to meet its limit: best guess with an 80 % interval. */
export interface Crossing {
  readonly limit: number;
  readonly atMs: number;
  readonly earliestMs: number;
  /** `null`: on the slow side the limit may never be met. */
  readonly latestMs: number | null;
}

/** Why an alert was raised, frozen at that moment (and again when it is updated). */
export interface Evidence {
  readonly detector: { readonly name: DetectorName; readonly version: number };
  /** The metric that tells, or null for a fault code. */
  readonly metric: string | null;
  /** The fault code, or null for a metric. */
  readonly code: string | null;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly expected: Band | null;
  readonly seen: number | null;
  readonly crossing: Crossing | null;
  /** At most 64 of the readings that led here, oldest first. */
  readonly sample: { readonly tsMs: readonly number[]; readonly value: readonly number[] } | null;
  /** Other metrics that are part of it, the farthest off first. Absent where there is only `metric`. */
  readonly others?: readonly OtherMetric[];
  /** Null where there are too few of the same model, and for what peers can't tell. Absent in old evidence. */
  readonly peers?: Peers | null;
  /** The rules that it was judged by. Absent in old evidence. */
  readonly rules?: string;
  /** The controller's own words for a fault, bounded. */
  readonly detail: string | null;
}

export type DetectorName =
  | 'fault-code'
  | 'limit'
  | 'level-shift'
  | 'drift'
  | 'spread'
  | 'stuck'
  | 'rate'
  | 'counter'
  | 'no-data'
  | 'code-rate'
  | 'peers'
  | 'joint';

/** A metric that went off its normal together with the one that tells. */
export interface OtherMetric {
  readonly metric: string;
  readonly expected: Band | null;
  readonly seen: number;
  readonly sinceMs: number;
}

/** Machines of the same model at that moment: what healthy ones showed, beside what this one did. */
export interface Peers {
  readonly model: string;
  /** How many were compared. */
  readonly count: number;
  /** Where the middle 80 % of them were. */
  readonly band: Band;
  /** At most 5 of them, the nearest to their middle: healthy ones to look at. */
  readonly sample: readonly { readonly equipment: string; readonly unit: string; readonly level: number }[];
}

/** Named reasons of an alert's life, as they stand in its timeline. */
export type AlertReason =
  | 'fault-active'
  | 'fault-inactive'
  | 'limit-exceeded'
  | 'back-within-limit'
  | 'level-shifted'
  | 'level-normal'
  | 'spread-grown'
  | 'spread-died'
  | 'spread-normal'
  | 'drifting-to-limit'
  | 'drift-stopped'
  | 'severity-raised'
  | 'severity-lowered'
  | 'recovered-after-repair'
  /** Enough readings after the repair, and they are no better. Of an `updated` event. */
  | 'repair-did-not-help'
  /** A fault was heard anew after the repair: this alert ends, the one raised just before goes on. */
  | 'active-again-after-repair'
  /** A fault that was never heard off: half an hour online after the repair without a word of it. */
  | 'quiet-after-repair'
  /** The rule that raised it is no longer in the catalogue. */
  | 'rule-removed'
  /** A worse fault needed the room: more codes are active than are kept. */
  | 'gave-way-to-worse'
  | 'value-stuck'
  | 'moving-again'
  /** One reading that no machine can make, or this one never made, and the next is as before. */
  | 'wild-reading'
  | 'steady-again'
  | 'counter-reset'
  | 'counter-leapt'
  | 'counter-stands-still'
  | 'counting-again'
  /** Its connection ended (Last Will, or closed), and it has not come back. */
  | 'offline'
  /** Connected, as far as is known, and says nothing. */
  | 'silent'
  /** One unit, or one metric, is missing while the rest reports. */
  | 'part-silent'
  | 'heard-again'
  | 'code-rate-unusual'
  | 'code-rate-usual'
  | 'differs-from-peers'
  | 'like-its-peers'
  /** Several metrics, or one by far, have left the levels that they had together. */
  | 'off-normal-together'
  /** A course of values that the machine never showed before. */
  | 'never-seen-before'
  | 'normal-together'
  /** It lasted so long that it is how the machine is now. */
  | 'learnt-as-normal';

/**
 * One step of an alert's life as the watcher saw it. `key` makes a replay harmless: the ledger stores
 * each key once. The alert's id is derived from the key of its `raised` event.
 */
export interface AlertEvent {
  readonly key: { readonly partition: number; readonly offset: number; readonly index: number };
  readonly alert: string;
  readonly type: 'raised' | 'updated' | 'cleared';
  readonly reason: AlertReason;
  /** Event time (device time) of what caused it. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly equipment: string;
  readonly unit: string;
  /** Maintainable item (ISO 14224), see catalogue/items.json. */
  readonly component: string;
  /** Stable name of what fired: `fault:G06`, `limit:hoistCurrentA:high`, `shift:…`, `drift:…`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly evidence: Evidence;
}

/** An alert as it stands after its events. */
export interface Alert {
  readonly id: string;
  readonly equipment: string;
  readonly unit: string;
  readonly component: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly state: 'active' | 'cleared';
  /** Event time, by the machine's clock. */
  readonly raisedAtMs: number;
  /** When the service heard what raised it, by its own clock: comparable with what people did. */
  readonly raisedHeardAtMs: number;
  readonly updatedAtMs: number;
  readonly clearedAtMs: number | null;
  /** Named reason of its newest event: why it is as it is. */
  readonly reason: AlertReason;
  /** When and by whom it was acknowledged; ends with the alert. */
  readonly acknowledgedAtMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly ticket: string | null;
  readonly evidence: Evidence;
}

/** One line of an alert's timeline. */
export interface AlertEntry {
  readonly alert: string;
  readonly atMs: number;
  readonly type: 'raised' | 'updated' | 'cleared' | 'acknowledged' | 'commented' | 'ticketed';
  readonly reason: string;
  readonly actor: string | null;
  readonly note: string | null;
}
