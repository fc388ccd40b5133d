import { existsSync } from 'node:fs';
import type { LatestValue, Reading, Series } from '../../core/telemetry/reading.ts';
import { systemTimers } from '../../time/system.ts';
import type { Timers } from '../../time/timers.ts';
import { writeListeners } from '../telemetry/listeners.ts';
import type { Expiry, ReadingsPage, SeriesInfo, TelemetryStore } from '../telemetry.ts';
import type { ExpireStep } from './telemetry.expire.ts';
import type { Written } from './telemetry.writer-calls.ts';
import { startThread, type Thread } from './thread.ts';

export interface SqliteTelemetryOptions {
  /** The telemetry file; its folder is made where it is missing. */
  readonly path: string;
}

/** Readings of one transaction: larger writes go in parts, so that none blocks the thread for long. */
const PART = 2_000;
/** Equipments asked for in one call. */
const ASKED = 1_000;
const MAX_WAITING = 1_000;

const openReader = async (path: string, writer: Thread): Promise<Thread> => {
  try {
    return await startThread(
      new URL('./telemetry.reader.ts', import.meta.url),
      { path },
      { maxWaiting: MAX_WAITING },
    );
  } catch (error) {
    await writer.close();
    throw error;
  }
};

/** Telemetry on a thread that answers `telemetryWriterCalls` and one that answers `telemetryReaderCalls`. */
export const openTelemetryOn = (
  { writer, reader }: { readonly writer: Thread; readonly reader: Thread },
  timers: Pick<Timers, 'soon'> = systemTimers,
): TelemetryStore => {
  const listeners = writeListeners(timers);
  let duplicates = 0;
  let closing: Promise<void> | null = null;

  const write = async (readings: readonly Reading[]) => {
    let stored = 0;
    let known = 0;
    for (let at = 0; at < readings.length; at += PART) {
      const part = await writer.call<Written>('write', [readings.slice(at, at + PART)]);
      stored += part.stored;
      known += part.duplicates;
      duplicates += part.duplicates;
      if (part.equipment.length > 0) listeners.tell(part.equipment);
    }
    return { stored, duplicates: known };
  };

  const latestOf = async (equipment: readonly string[]) => {
    const found = new Map<string, readonly LatestValue[]>();
    for (let at = 0; at < equipment.length; at += ASKED) {
      const ids = equipment.slice(at, at + ASKED);
      const part = await reader.call<ReadonlyMap<string, readonly LatestValue[]>>('latest', [ids]);
      for (const [id, values] of part) found.set(id, values);
    }
    return found;
  };

  const expire = async ({ rawMs, hourlyMs }: Expiry): Promise<number> => {
    await writer.call<void>('expireHours', [hourlyMs]);
    let dropped = 0;
    let after: number | null = 0;
    while (after !== null) {
      const step: ExpireStep = await writer.call<ExpireStep>('expire', [rawMs, after]);
      dropped += step.dropped;
      after = step.next;
    }
    return dropped;
  };

  return {
    write,
    latest: async (equipment) => (await latestOf([equipment])).get(equipment) ?? [],
    latestOf,
    list: (equipment) => reader.call<readonly SeriesInfo[]>('list', [equipment]),
    series: (query) => reader.call<Series>('series', [query]),
    readings: (query) => reader.call<ReadingsPage>('readings', [query]),
    rollUp: (equipment, hours) => writer.call<number>('rollUp', [equipment, hours]),
    expire,
    onWrite: listeners.onWrite,
    stats: async () => ({
      ...(await reader.call<{ readonly points: number; readonly bytes: number }>('stats', [])),
      duplicates,
    }),
    ping: () => reader.call<void>('ping', []),
    close: () => {
      closing ??= (async () => {
        listeners.clear();
        await reader.close();
        await writer.close();
      })();
      return closing;
    },
  };
};

/** Reads a telemetry file that another process may be writing. @throws where there is none */
export const openSqliteTelemetryForReading = async ({
  path,
}: SqliteTelemetryOptions): Promise<Pick<TelemetryStore, 'list' | 'readings' | 'close'>> => {
  if (!existsSync(path))
    throw new Error(
      `${path}: there is no telemetry yet; set PRECALL_DATA or PRECALL_TELEMETRY to where it lies`,
    );
  const reader = await startThread(
    new URL('./telemetry.reader.ts', import.meta.url),
    { path },
    { maxWaiting: MAX_WAITING },
  );
  return {
    list: (equipment) => reader.call<readonly SeriesInfo[]>('list', [equipment]),
    readings: (query) => reader.call<ReadingsPage>('readings', [query]),
    close: () => reader.close(),
  };
};

/**
 * Telemetry in one SQLite file as packed chunks: one thread writes, another one reads (WAL), so a long
 * query never holds up the recorder. `stored`, `duplicates` and `points` count single numbers.
 */
export const openSqliteTelemetry = async ({ path }: SqliteTelemetryOptions): Promise<TelemetryStore> => {
  const writer = await startThread(
    new URL('./telemetry.writer.ts', import.meta.url),
    { path },
    { maxWaiting: MAX_WAITING },
  );
  return openTelemetryOn({ writer, reader: await openReader(path, writer) });
};
