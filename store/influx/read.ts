import type { Hourly } from '../../core/telemetry/hours.ts';
import type { LatestValue, Reading, Series } from '../../core/telemetry/reading.ts';
import { bucketsOf } from '../telemetry/buckets.ts';
import { comparePlaces, decodeCursor, encodeCursor, MAX_LIMIT, type Place } from '../telemetry/cursor.ts';
import type { ReadingsPage, ReadingsQuery, SeriesInfo, SeriesQuery } from '../telemetry.ts';
import { fieldsOf } from './fields.ts';
import { readHours } from './hours.ts';
import {
  BY_DEVICE,
  DERIVED,
  fieldOf,
  MEASUREMENT,
  META,
  measurementOf,
  metricOf,
  RECEIVED,
  SEQ,
  tagText,
} from './point.ts';
import { type Held, heldOf, isTag, nameLit, type Table, timeOf, within } from './query.ts';
import type { Transport } from './transport.ts';

const unitOf = ({ tags }: Table): string => tagText(tags?.unit ?? '');

/** Buckets with the edges that SQLite's have: whole ms of equal width from the start of the range. */
export const readSeries = async (transport: Transport, query: SeriesQuery): Promise<Series> => {
  const { equipment, unit, metric } = query;
  const { fromMs, toMs, widthMs, count, ts, isHourly } = bucketsOf(query);
  if (!Number.isSafeInteger(fromMs) || !Number.isSafeInteger(toMs))
    throw new RangeError(`fromMs and toMs must be Unix ms, got ${fromMs} and ${toMs}`);
  const empty = (): (number | null)[] => new Array<number | null>(count).fill(null);
  const [min, max, mean] = [empty(), empty(), empty()];
  if (count === 0) return { ts, min, max, mean };
  const bucketOf = (time: unknown): number => Math.floor((timeOf(String(time)).ms - fromMs) / widthMs);
  const field = nameLit(fieldOf(metric));
  // Hours that are not made up yet, the newest, are read from the readings themselves.
  const hours = isHourly ? await readHours(transport, query, fromMs, toMs) : null;
  const offsetMs = ((fromMs % widthMs) + widthMs) % widthMs;
  const [tables = []] = await transport.query(
    `SELECT min(${field}), max(${field}), mean(${field}), count(${field}) FROM ${measurementOf(metric)} WHERE ${isTag('equipment', equipment)} AND ${isTag('unit', unit)} AND ${within(hours?.nextMs ?? fromMs, toMs)} GROUP BY time(${widthMs}ms, ${offsetMs}ms) fill(none)`,
  );
  const counts = new Float64Array(count);
  const add = (bucket: number, hour: Hourly): void => {
    counts[bucket]! += hour.count;
    const share = hour.count / counts[bucket]!;
    min[bucket] = Math.min(min[bucket] ?? hour.min, hour.min);
    max[bucket] = Math.max(max[bucket] ?? hour.max, hour.max);
    mean[bucket] = (mean[bucket] ?? 0) * (1 - share) + hour.mean * share;
  };
  for (const [hourMs, hour] of hours?.found ?? []) add(Math.floor((hourMs - fromMs) / widthMs), hour);
  // The server may give the first bucket the time of its edge, which is before the range begins.
  for (const [time, low, high, middle, n] of tables[0]?.values ?? [])
    add(Math.max(0, bucketOf(time)), {
      min: Number(low),
      max: Number(high),
      mean: Number(middle),
      count: Number(n),
    });
  return { ts, min, max, mean };
};

/** The first or last value of every series of an equipment, by unit and metric. */
const ends = async (
  transport: Transport,
  equipment: string,
  end: 'first' | 'last',
  fields: readonly string[],
) => {
  if (fields.length === 0) return [];
  const answers = await transport.query(
    fields
      .map(
        (field) =>
          `SELECT ${end}(${nameLit(field)}), ${nameLit(RECEIVED)} FROM ${MEASUREMENT} WHERE ${isTag('equipment', equipment)} GROUP BY unit`,
      )
      .join('; '),
  );
  const found = answers.flatMap((tables, i) =>
    tables.map((table): LatestValue => {
      const [time, value, receivedAtMs] = table.values[0]!;
      return {
        unit: unitOf(table),
        metric: metricOf(fields[i]!),
        tsMs: timeOf(String(time)).ms,
        receivedAtMs: Number(receivedAtMs),
        value: Number(value),
      };
    }),
  );
  return found.sort((a, b) => (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : a.metric < b.metric ? -1 : 1));
};

export const readLatest = async (transport: Transport, equipment: string): Promise<LatestValue[]> =>
  ends(transport, equipment, 'last', await fieldsOf(transport, equipment));

export const readList = async (transport: Transport, equipment: string): Promise<SeriesInfo[]> => {
  const fields = await fieldsOf(transport, equipment);
  const [first, last] = [
    await ends(transport, equipment, 'first', fields),
    await ends(transport, equipment, 'last', fields),
  ];
  const lastMs = new Map(last.map(({ unit, metric, tsMs }) => [`${metric}/${unit}`, tsMs]));
  return first.map(({ unit, metric, tsMs }) => ({
    unit,
    metric,
    firstMs: tsMs,
    lastMs: lastMs.get(`${metric}/${unit}`) ?? tsMs,
  }));
};

const placeOf = ({ row, slot }: Held): Place => ({
  ts: row.tsMs,
  unit: row.unit,
  seq: row.seq ?? 0,
  nth: slot,
});

/** A page by time, unit, number: the server orders by time only, so the last ms is read to its end. */
export const readPage = async (transport: Transport, query: ReadingsQuery): Promise<ReadingsPage> => {
  if (!(query.limit >= 1)) throw new RangeError(`limit must be at least 1, got ${query.limit}`);
  const limit = Math.min(Math.floor(query.limit), MAX_LIMIT);
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const columns =
    query.metric === undefined
      ? '*'
      : [fieldOf(query.metric), SEQ, BY_DEVICE, RECEIVED, 'unit'].map(nameLit).join(', ');
  const where = [isTag('equipment', query.equipment)];
  if (query.unit !== undefined) where.push(isTag('unit', query.unit));
  const select = async (fromMs: number, toMs: number, most: number): Promise<Held[]> => {
    const [tables = []] = await transport.query(
      `SELECT ${columns} FROM ${measurementOf(query.metric)} WHERE ${[...where, within(fromMs, toMs)].join(' AND ')} ORDER BY time ASC${most > 0 ? ` LIMIT ${most}` : ''}`,
    );
    return heldOf(query.equipment, tables);
  };
  const wanted = (held: readonly Held[]): Held[] =>
    held.filter(
      (one) => Object.keys(one.row.values).length > 0 && (!after || comparePlaces(placeOf(one), after) > 0),
    );
  const found: Held[] = [];
  let fromMs = Math.max(query.fromMs, after?.ts ?? query.fromMs);
  while (found.length <= limit && fromMs < query.toMs) {
    const some = await select(fromMs, query.toMs, limit + 1);
    const lastMs = some.at(-1)?.row.tsMs;
    if (lastMs === undefined || some.length <= limit) {
      found.push(...wanted(some));
      break;
    }
    found.push(...wanted(some.filter(({ row }) => row.tsMs < lastMs)));
    found.push(...wanted(await select(lastMs, Math.min(lastMs + 1, query.toMs), 0)));
    fromMs = lastMs + 1;
  }
  found.sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
  const page = found.slice(0, limit);
  const rows: Reading[] = page.map(({ row }) => row);
  return { rows, next: found.length > limit ? encodeCursor(placeOf(page.at(-1)!)) : null };
};

/** Single numbers stored: every field but those beside the metrics. */
export const countPoints = async (transport: Transport): Promise<number> =>
  (await countIn(transport, MEASUREMENT)) + (await countIn(transport, DERIVED));

const countIn = async (transport: Transport, measurement: string): Promise<number> => {
  const [tables = []] = await transport.query(`SELECT count(*) FROM ${measurement}`);
  const { columns = [], values = [] } = tables[0] ?? {};
  let points = 0;
  columns.forEach((column, i) => {
    if (column !== 'time' && !META.has(column.replace(/^count_/, ''))) points += Number(values[0]?.[i] ?? 0);
  });
  return points;
};

/** Days before a time that hold points of a measurement. */
export const daysBefore = async (
  transport: Transport,
  measurement: string,
  beforeMs: number,
): Promise<number> => {
  const [tables = []] = await transport.query(
    `SELECT count(${nameLit(RECEIVED)}) FROM ${measurement} WHERE ${within(Number.NEGATIVE_INFINITY, beforeMs)} GROUP BY time(1d) fill(none)`,
  );
  return tables[0]?.values.length ?? 0;
};
