import { InvalidArgumentError } from 'commander';
import type { Config } from '../config.ts';
import { parseInstant } from '../core/telemetry/instant.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import { openTelemetryForReading } from '../stores.ts';
import { systemTimers } from '../time/system.ts';
import { Failure } from './failure.ts';

/** Which history of the telemetry store is read. */
export interface StoreRange {
  readonly equipment: string;
  /** Absent: the only one that has these metrics. */
  readonly unit?: string;
  readonly metrics: readonly string[];
  /** Unix ms, half-open; absent: all that is kept. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

type Reads = Pick<TelemetryStore, 'list' | 'readings'>;

const PAGE = 5_000;

export const instantOption = (text: string): number => {
  const ms = parseInstant(text);
  if (ms === null)
    throw new InvalidArgumentError('give a time: ISO 8601, YYYY-MM-DD HH:MM:SS (UTC) or Unix ms.');
  return ms;
};

const named = (unit: string): string => (unit === '' ? '(none)' : unit);

/** The unit that is meant. @throws Failure where the store has no such series, or more than one unit could be meant */
const unitOf = async (store: Reads, { equipment, unit, metrics }: StoreRange): Promise<string> => {
  const known = await store.list(equipment);
  if (known.length === 0)
    throw new Failure(`--equipment ${equipment}: the telemetry store has no readings of it; check the id`);
  const units = [...new Set(known.map((series) => series.unit))];
  const having = units.filter((one) =>
    metrics.every((metric) => known.some((series) => series.unit === one && series.metric === metric)),
  );
  if (unit !== undefined && units.includes(unit) && having.includes(unit)) return unit;
  if (unit === undefined && having.length === 1) return having[0] as string;
  if (unit === undefined && having.length > 1)
    throw new Failure(
      `--unit: name one of ${having.map(named).join(', ')}: they all have ${metrics.join(', ')}`,
      2,
    );
  const names = [
    ...new Set(known.filter((one) => unit === undefined || one.unit === unit).map(({ metric }) => metric)),
  ];
  throw new Failure(
    names.length === 0
      ? `--unit ${unit}: ${equipment} has no such unit; it has ${units.map(named).join(', ')}`
      : `--metric ${metrics.join(',')}: ${equipment} has no unit with all of them; it has ${names.sort().join(', ')}`,
  );
};

/** The history as cells of a table, header first; read page by page as it is taken. */
export async function* storedTable(store: Reads, range: StoreRange): AsyncGenerator<readonly string[]> {
  const { equipment, metrics, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = range;
  const unit = await unitOf(store, range);
  yield ['ts', ...metrics];
  // One metric alone is cheaper to unpack; more than one need their common rows.
  const only = metrics.length === 1 ? { metric: metrics[0] as string } : {};
  let cursor: string | undefined;
  let rows = 0;
  do {
    const page = await store.readings({
      ...{ equipment, unit, fromMs, toMs, limit: PAGE },
      ...only,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { tsMs, values } of page.rows) {
      if (!metrics.some((metric) => metric in values)) continue;
      rows += 1;
      yield [new Date(tsMs).toISOString(), ...metrics.map((metric) => String(values[metric] ?? ''))];
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  if (rows === 0)
    throw new Failure(`--from, --to: no readings of ${equipment} in that time; ask for another`);
}

/** Runs `work` on the telemetry store that the configuration names, also while the service runs. */
export const withTelemetry = async <T>(config: Config, work: (store: Reads) => Promise<T>): Promise<T> => {
  const store = await openTelemetryForReading(config.telemetry, systemTimers);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};
