/**
 * One reading: the values that one unit of one equipment measured at one instant.
 *
 * Identity (so that a message sent twice is stored once): equipment, unit, metric, `tsMs`, `seq ?? 0`.
 * A reading that came without a device time (`tsSource: 'receive'`) is identified by equipment, unit, `seq`
 * and all its values within ten minutes: with other values the device has started again and counts anew.
 * With neither time nor `seq` it is stored at least once.
 */
export interface Reading {
  readonly equipment: string;
  /** Bay, lift, shuttle or door; `''` where the reading names none. */
  readonly unit: string;
  /** Device time, Unix ms; the receive time where the device sent none. */
  readonly tsMs: number;
  readonly tsSource: 'device' | 'receive';
  /** Grows per equipment and may restart after a reboot. */
  readonly seq: number | null;
  readonly receivedAtMs: number;
  /** Finite numbers by metric name. */
  readonly values: Readonly<Record<string, number>>;
}

/** The newest value of one series. */
export interface LatestValue {
  readonly unit: string;
  readonly metric: string;
  readonly tsMs: number;
  readonly receivedAtMs: number;
  readonly value: number;
}

/** `null` marks a bucket without readings: a gap stays a gap. Arrays have one length. */
export interface Series {
  readonly ts: readonly number[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
}
