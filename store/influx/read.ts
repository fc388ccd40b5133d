import type { LatestValue, Reading, Series } from '../../core/telemetry/reading.ts';
import { comparePlaces, decodeCursor, encodeCursor, MAX_LIMIT, type Place } from '../telemetry/cursor.ts';
import { newBuckets } from '../telemetry/summary.ts';
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
  const buckets = newBuckets(query);
  const { fromMs, toMs, widthMs, count, isHourly } = buckets.range;
  if (!Number.isSafeInteger(fromMs) || !Number.isSafeInteger(toMs))
    throw new RangeError(`fromMs and toMs must be Unix ms, got ${fromMs} and ${toMs}`);
  if (count === 0) return buckets.finish();
  // Hours that are not made up yet, the newest, are read from the readings themselves.
  const nextMs = isHourly ? await readHours(transport, query, fromMs, toMs, buckets.addHour) : fromMs;
  const field = nameLit(fieldOf(metric));
  const offsetMs = ((fromMs % widthMs) + widthMs) % widthMs;
  const [tables = []] = await transport.query(
    `SELECT min(${field}), max(${field}), mean(${field}), count(${field}) FROM ${measurementOf(metric)} WHERE ${isTag('equipment', equipment)} AND ${isTag('unit', unit)} AND ${within(nextMs, toMs)} GROUP BY time(${widthMs}ms, ${offsetMs}ms) fill(none)`,
  );
  for (const [time, ...cells] of tables[0]?.values ?? []) {
    const [min, max, mean, n] = cells.map(Number) as [number, number, number, number];
    // The server may give the first bucket the time of its edge, which is before the range begins.
    buckets.addHour(Math.max(fromMs, timeOf(String(time)).ms), { min, max, mean, count: n });
  }
  return buckets.finish();
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
