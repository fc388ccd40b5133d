import { holdsDerived, isDerived } from '../../core/telemetry/derived.ts';
import type { LatestValue, Reading } from '../../core/telemetry/reading.ts';
import { systemTimers } from '../../time/system.ts';
import type { Timers } from '../../time/timers.ts';
import { writeListeners } from '../telemetry/listeners.ts';
import type { TelemetryStore } from '../telemetry.ts';
import { rollUp } from './hours.ts';
import { DERIVED, HOURLY, MEASUREMENT } from './point.ts';
import { countPoints, daysBefore, readLatest, readList, readPage, readSeries } from './read.ts';
import type { Transport } from './transport.ts';
import { startWriter } from './write.ts';

/** Equipments whose latest values are kept in memory; those asked for or written longest ago go first. */
const MAX_LATEST = 10_000;
/**
 * What InfluxDB needs for a number, roughly: it tells no size that all its versions agree on. `npm run bench:stores` measured
 * 11 with six metrics a reading; a reading of more of them shares its three other fields among more.
 */
const BYTES_PER_POINT = 10;

const seriesKey = (unit: string, metric: string): string => `${metric}/${unit}`;

const byName = (a: LatestValue, b: LatestValue): number =>
  a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : a.metric < b.metric ? -1 : 1;

/** Telemetry in InfluxDB, whichever its version. Only one service writes into a database. */
export const openTelemetryOver = (
  transport: Transport,
  timers: Pick<Timers, 'soon'> = systemTimers,
): TelemetryStore => {
  const listeners = writeListeners(timers);
  const latest = new Map<string, Map<string, LatestValue>>();
  /** Grows with what is written; an answer read before that is out of date and not kept. */
  const versions = { written: 0 };
  let points: number | null = null;
  let closing: Promise<void> | null = null;

  const onStored = (rows: readonly Reading[]): void => {
    versions.written++;
    for (const { equipment, unit, tsMs, receivedAtMs, values } of rows) {
      for (const [metric, value] of Object.entries(values)) {
        if (points !== null) points++;
        if (isDerived(metric)) continue;
        const known = latest.get(equipment);
        const last = known?.get(seriesKey(unit, metric));
        if (known && (!last || tsMs >= last.tsMs))
          known.set(seriesKey(unit, metric), { unit, metric, tsMs, receivedAtMs, value });
      }
    }
    const measured = rows.filter((row) => !holdsDerived(row));
    const touched = [...new Set(measured.map(({ equipment }) => equipment))];
    if (touched.length > 0) listeners.tell(touched);
  };
  const onUnsure = (equipment: readonly string[]): void => {
    versions.written++;
    points = null;
    for (const id of equipment) latest.delete(id);
  };
  const writer = startWriter(transport, onStored, onUnsure);

  const latestBy = async (equipment: string): Promise<readonly LatestValue[]> => {
    const known = latest.get(equipment);
    if (known) return [...known.values()].sort(byName);
    const { written } = versions;
    const found = await readLatest(transport, equipment);
    if (written === versions.written) {
      latest.set(equipment, new Map(found.map((one) => [seriesKey(one.unit, one.metric), one])));
      if (latest.size > MAX_LATEST) latest.delete(latest.keys().next().value!);
    }
    return found;
  };

  return {
    write: writer.write,
    latest: latestBy,
    latestOf: async (equipment) => {
      const found = new Map<string, readonly LatestValue[]>();
      for (const id of equipment) {
        const values = await latestBy(id);
        if (values.length > 0) found.set(id, values);
      }
      return found;
    },
    list: (equipment) => readList(transport, equipment),
    series: (query) => readSeries(transport, query),
    readings: (query) => readPage(transport, query),
    rollUp: (equipment, hours) => rollUp(transport, equipment, hours),
    expire: async ({ rawMs, hourlyMs }) => {
      const hourly = await daysBefore(transport, HOURLY, hourlyMs);
      if (hourly > 0) await transport.remove(HOURLY, hourlyMs);
      const derived = await daysBefore(transport, DERIVED, rawMs);
      if (derived > 0) await transport.remove(DERIVED, rawMs);
      const days = await daysBefore(transport, MEASUREMENT, rawMs);
      if (days === 0) return 0;
      await transport.remove(MEASUREMENT, rawMs);
      points = null;
      return days;
    },
    onWrite: listeners.onWrite,
    stats: async () => {
      if (points === null) {
        const { written } = versions;
        const counted = await countPoints(transport);
        if (written !== versions.written)
          return {
            points: counted,
            bytes: counted * BYTES_PER_POINT,
            duplicates: writer.counters().duplicates,
          };
        points = counted;
      }
      return { points, bytes: points * BYTES_PER_POINT, duplicates: writer.counters().duplicates };
    },
    ping: async () => void (await transport.query('SHOW MEASUREMENTS LIMIT 1')),
    close: () => {
      closing ??= (async () => {
        listeners.clear();
        await writer.idle();
        await transport.close();
      })();
      return closing;
    },
  };
};
