import type { LatestValue, Reading, Series } from '../core/telemetry/reading.ts';

/**
 * Contract: the telemetry store. Idempotent by the identity of a reading (core/telemetry/reading.ts).
 *
 * Suite: `store/telemetry.suite.ts`; every adapter runs it.
 */
export interface SeriesQuery {
  readonly equipment: string;
  readonly unit: string;
  readonly metric: string;
  /** Half-open: fromMs ≤ ts < toMs; a range of more than two months begins with the full hour. */
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * At most this many buckets of equal width over the whole range; those without readings are null. Over more than two
   * months they are whole hours wide, and made up of hourly values.
   */
  readonly points: number;
}

export interface ReadingsQuery {
  readonly equipment: string;
  /** Absent: every unit. */
  readonly unit?: string;
  /** Absent: every metric. */
  readonly metric?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly cursor?: string;
}

export interface ReadingsPage {
  /** By ts, then unit, then seq. Each row as it came (only the asked metric, where one was asked). */
  readonly rows: readonly Reading[];
  readonly next: string | null;
}

/** A series that exists for an equipment. */
export interface SeriesInfo {
  readonly unit: string;
  readonly metric: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Unix ms before which readings, and hourly values, are no longer kept. */
export interface Expiry {
  readonly rawMs: number;
  readonly hourlyMs: number;
}

export interface TelemetryStats {
  readonly points: number;
  readonly bytes: number;
  readonly duplicates: number;
}

export interface TelemetryStore {
  /** Resolves once durable. Writing a reading again changes nothing. Late readings never change `latest`. */
  write(readings: readonly Reading[]): Promise<{ readonly stored: number; readonly duplicates: number }>;
  latest(equipment: string): Promise<readonly LatestValue[]>;
  /** Latest values of many equipments at once, by equipment id; the ones never heard are absent. */
  latestOf(equipment: readonly string[]): Promise<ReadonlyMap<string, readonly LatestValue[]>>;
  list(equipment: string): Promise<readonly SeriesInfo[]>;
  series(query: SeriesQuery): Promise<Series>;
  readings(query: ReadingsQuery): Promise<ReadingsPage>;
  /**
   * Computes the hourly values of these hours (UTC, by their start) anew from the readings that are stored of them; where
   * there are none, what is known of the hour stays. Returns how many hours of series it wrote.
   */
  rollUp(equipment: string, hours: readonly number[]): Promise<number>;
  /** Drops what is older. Returns how many chunks or days of raw readings it dropped. */
  expire(before: Expiry): Promise<number>;
  /** Called after a write, with the equipments that it touched. In one process only. */
  onWrite(listener: (equipment: readonly string[]) => void): () => void;
  stats(): Promise<TelemetryStats>;
  /** Resolves where the store answers just now; asks for nothing that costs it much. @throws where it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The store can't be reached, or asks to wait. Nothing is lost: the caller keeps its place and tries again. */
export class TelemetryDownError extends Error {
  override readonly name = 'TelemetryDownError';
}

/** The server took the batch but for some readings, which it will never take. Trying again is of no use. */
export class TelemetryRefusedError extends Error {
  override readonly name = 'TelemetryRefusedError';
  /** The readings as they were given to `write`; everything else of the batch is stored. */
  readonly refused: readonly Reading[];
  readonly stored: number;
  readonly duplicates: number;
  constructor(
    reason: string,
    result: { readonly refused: readonly Reading[]; readonly stored: number; readonly duplicates: number },
  ) {
    super(reason);
    this.refused = result.refused;
    this.stored = result.stored;
    this.duplicates = result.duplicates;
  }
}
