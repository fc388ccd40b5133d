import { TelemetryDownError } from '../telemetry.ts';
import type { Table } from './query.ts';

export type { Table };

/** How a store speaks to one kind of server. Errors are `TelemetryDownError` or `RejectedError`, without secrets. */
export interface Transport {
  /** Writes lines with times in ns. Resolves once the server has them. */
  write(lines: readonly string[]): Promise<void>;
  /** Runs InfluxQL statements, joined by `;`. One list of tables for each. */
  query(influxQl: string): Promise<readonly (readonly Table[])[]>;
  /** Removes points of a measurement before a time. */
  remove(measurement: string, beforeMs: number): Promise<void>;
  close(): Promise<void>;
}

/** The server did not like something in what it was given; the rest it may have stored. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
}

/** Statuses that say that the lines themselves are at fault. */
const LINES_AT_FAULT: ReadonlySet<number> = new Set([400, 413, 422]);

/** Version 1 says `{"error": …}`, version 2 `{"code": …, "message": …}`; a proxy between says what it likes. */
const reasonIn = (said: string): string => {
  try {
    const { error, message } = JSON.parse(said) as Readonly<Record<string, unknown>>;
    return String(error ?? message ?? said).trim();
  } catch {
    return said.trim();
  }
};

/**
 * A wrong password or a missing bucket is no fault of the readings: they wait until a person has mended it, as they
 * do while the server is away.
 */
export const errorOf = (status: number, said: string): Error => {
  const reason = reasonIn(said).slice(0, 500);
  if (LINES_AT_FAULT.has(status)) return new RejectedError(`${status}: ${reason}`);
  if (status === 401 || status === 403)
    return new TelemetryDownError(
      `InfluxDB refuses the user or token (${status}); give it one that may read and write`,
    );
  if (status === 404)
    return new TelemetryDownError(`InfluxDB does not know the database or bucket (404): ${reason}`);
  return new TelemetryDownError(`InfluxDB answered ${status}: ${reason}`);
};

interface Answer {
  readonly results?: readonly { readonly series?: readonly Table[]; readonly error?: string }[];
}

/** The tables of an answer of `/query`. */
export const tablesOf = (answer: unknown): readonly (readonly Table[])[] =>
  ((answer as Answer).results ?? []).map(({ series = [], error }) => {
    if (error) throw new TelemetryDownError(`InfluxDB can't answer: ${error.slice(0, 500)}`);
    return series;
  });
