import { crc32 } from 'node:zlib';
import type { Reading } from '../../core/telemetry/reading.ts';
import {
  putFlags,
  putValueColumn,
  putWholeColumn,
  takeFlags,
  takeValueColumn,
  takeWholeColumn,
} from './chunk.column.ts';
import {
  newSink,
  newSource,
  putBytes,
  putText,
  putVarint,
  type Sink,
  type Source,
  skip,
  takeText,
  takeVarint,
  written,
} from './varint.ts';

/**
 * A chunk: some hundred readings of one unit as columns, version 1.
 *
 *     u8 version · u32 CRC-32 of all that follows · varint rows
 *     times · receive times minus times · sequence numbers · bits: time given by us
 *     varint metrics · for each: text name, varint bytes, values
 */
const VERSION = 1;
const CHECKED_FROM = 5;

/** Times of a column and, row by row, the value or NaN. */
export interface Column {
  readonly ts: Float64Array;
  readonly values: Float64Array;
}

export class DamagedChunkError extends Error {
  override readonly name = 'DamagedChunkError';
}

const columnOf = (rows: readonly Reading[], of: (row: Reading) => number): Float64Array => {
  const column = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) column[i] = of(rows[i]!);
  return column;
};

const metricColumns = (rows: readonly Reading[]): Map<string, Float64Array> => {
  const columns = new Map<string, Float64Array>();
  for (let i = 0; i < rows.length; i++) {
    const { values } = rows[i]!;
    for (const metric of Object.keys(values)) {
      let column = columns.get(metric);
      if (!column) {
        column = new Float64Array(rows.length).fill(Number.NaN);
        columns.set(metric, column);
      }
      column[i] = values[metric]!;
    }
  }
  return columns;
};

const coded = newSink(4_096);

const putMetric = (sink: Sink, metric: string, column: Float64Array): void => {
  // Its length goes before it. One place for all, and not a buffer from the system for each.
  coded.at = 0;
  putValueColumn(coded, column);
  putText(sink, metric);
  putBytes(sink, coded.bytes.subarray(0, coded.at));
};

/** Packs rows of one unit, in the order given. */
export const encodeChunk = (rows: readonly Reading[]): Uint8Array<ArrayBuffer> => {
  const sink = newSink(256 + rows.length * 16);
  sink.at = CHECKED_FROM;
  putVarint(sink, rows.length);
  putWholeColumn(
    sink,
    columnOf(rows, (row) => row.tsMs),
  );
  putWholeColumn(
    sink,
    columnOf(rows, (row) => row.receivedAtMs - row.tsMs),
  );
  putWholeColumn(
    sink,
    columnOf(rows, (row) => row.seq ?? Number.NaN),
  );
  putFlags(sink, rows.length, (i) => rows[i]!.tsSource === 'receive');
  const columns = metricColumns(rows);
  putVarint(sink, columns.size);
  for (const [metric, column] of columns) putMetric(sink, metric, column);
  sink.bytes[0] = VERSION;
  const body = written(sink);
  new DataView(body.buffer).setUint32(1, crc32(body.subarray(CHECKED_FROM)), true);
  return body;
};

const openChunk = (body: Uint8Array): { readonly source: Source; readonly count: number } => {
  if (body.byteLength <= CHECKED_FROM) throw new DamagedChunkError('it is cut short');
  if (body[0] !== VERSION)
    throw new DamagedChunkError(`its version is ${body[0]}, this release knows ${VERSION}`);
  const stored = new DataView(body.buffer, body.byteOffset).getUint32(1, true);
  if (stored !== crc32(body.subarray(CHECKED_FROM))) throw new DamagedChunkError('its checksum is wrong');
  const source = newSource(body, CHECKED_FROM);
  return { source, count: takeVarint(source) };
};

const setValue = (values: Record<string, number>, metric: string, value: number): void => {
  // Assigning to __proto__ would set the prototype instead of a value.
  if (metric === '__proto__')
    Object.defineProperty(values, metric, { value, enumerable: true, writable: true, configurable: true });
  else values[metric] = value;
};

/** The rows as they were packed; where `metric` is given, with no other value than its. */
export const decodeChunk = (
  body: Uint8Array,
  of: { readonly equipment: string; readonly unit: string },
  metric?: string | undefined,
): Reading[] => {
  const { source, count } = openChunk(body);
  const ts = takeWholeColumn(source, count);
  const lag = takeWholeColumn(source, count);
  const seq = takeWholeColumn(source, count);
  const received = takeFlags(source, count);
  const values: Record<string, number>[] = Array.from({ length: count }, () => ({}));
  for (let left = takeVarint(source); left > 0; left--) {
    const name = takeText(source);
    const length = takeVarint(source);
    if (metric !== undefined && name !== metric) {
      skip(source, length);
      continue;
    }
    const column = takeValueColumn(source, count);
    for (let i = 0; i < count; i++) if (!Number.isNaN(column[i]!)) setValue(values[i]!, name, column[i]!);
  }
  return values.map((row, i) => ({
    equipment: of.equipment,
    unit: of.unit,
    tsMs: ts[i]!,
    tsSource: received[i] ? 'receive' : 'device',
    seq: Number.isNaN(seq[i]!) ? null : seq[i]!,
    receivedAtMs: ts[i]! + lag[i]!,
    values: row,
  }));
};

/** One metric without unpacking the others; null where the chunk has none of it. */
export const decodeMetric = (body: Uint8Array, metric: string): Column | null => {
  const { source, count } = openChunk(body);
  const ts = takeWholeColumn(source, count);
  takeWholeColumn(source, count);
  takeWholeColumn(source, count);
  takeFlags(source, count);
  for (let left = takeVarint(source); left > 0; left--) {
    const name = takeText(source);
    const length = takeVarint(source);
    if (name === metric) return { ts, values: takeValueColumn(source, count) };
    skip(source, length);
  }
  return null;
};
