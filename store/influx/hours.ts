import { HOUR_MS, HOURLY_PARTS, type Hourly, hourlyName, hourRuns } from '../../core/telemetry/hours.ts';
import type { SeriesQuery } from '../telemetry.ts';
import { fieldsOf } from './fields.ts';
import { fieldOf, HOURLY, lineOf, MEASUREMENT, RECEIVED, SLOTS, tagsOf, tagText } from './point.ts';
import { isTag, nameLit, type Table, timeOf, within } from './query.ts';
import type { Transport } from './transport.ts';

const timeNs = (tsMs: number): string => (BigInt(tsMs) * BigInt(SLOTS)).toString();

/** Fields asked for in one statement: a controller may measure hundreds of metrics. */
const FIELDS = 50;
/** Lines of one request. */
const LINES = 1_000;

/** Lines of the hours in one answer: a table for each unit, four columns for each of `fields`. */
const linesOf = (equipment: string, fields: readonly string[], tables: readonly Table[]): string[] =>
  tables.flatMap(({ tags, values }) =>
    values.flatMap(([time, ...cells]) => {
      const measured = new Map<string, number>();
      fields.forEach((field, i) => {
        const four = cells.slice(i * HOURLY_PARTS.length, (i + 1) * HOURLY_PARTS.length);
        if (typeof four[0] !== 'number' || Number(four[3]) === 0) return;
        HOURLY_PARTS.forEach((part, nth) => {
          measured.set(hourlyName(field, part), Number(four[nth]));
        });
      });
      if (measured.size === 0) return [];
      const { ms } = timeOf(String(time));
      // Whether a day holds points is asked of this field.
      measured.set(RECEIVED, ms);
      return [
        lineOf(
          { tags: tagsOf(equipment, tagText(tags?.unit ?? '')), fields: measured, timeNs: timeNs(ms) },
          HOURLY,
        ),
      ];
    }),
  );

/**
 * Hourly values computed by the server from the readings it holds, and written beside them. By us and not by a
 * continuous query: that would miss what comes late. Writing an hour again replaces it.
 */
export const rollUp = async (
  transport: Transport,
  equipment: string,
  hours: readonly number[],
): Promise<number> => {
  const runs = hourRuns(hours);
  if (runs.length === 0) return 0;
  const all = await fieldsOf(transport, equipment);
  let written = 0;
  for (const { fromMs, toMs } of runs) {
    for (let at = 0; at < all.length; at += FIELDS) {
      const fields = all.slice(at, at + FIELDS);
      const asked = fields.flatMap((field) => HOURLY_PARTS.map((part) => `${part}(${nameLit(field)})`));
      const [tables = []] = await transport.query(
        `SELECT ${asked.join(', ')} FROM ${MEASUREMENT} WHERE ${isTag('equipment', equipment)} AND ${within(fromMs, toMs)} GROUP BY time(1h), unit fill(none)`,
      );
      const lines = linesOf(equipment, fields, tables);
      for (let line = 0; line < lines.length; line += LINES)
        await transport.write(lines.slice(line, line + LINES));
      for (const { values } of tables)
        for (const [, ...cells] of values)
          for (let i = 3; i < cells.length; i += HOURLY_PARTS.length)
            if (Number(cells[i] ?? 0) > 0) written++;
    }
  }
  return written;
};

/** Hands on the hours of a series in a range. Returns where the readings must go on: behind the last of them. */
export const readHours = async (
  transport: Transport,
  { equipment, unit, metric }: SeriesQuery,
  fromMs: number,
  toMs: number,
  onHour: (hourMs: number, hour: Hourly) => void,
): Promise<number> => {
  const asked = HOURLY_PARTS.map((part) => nameLit(hourlyName(fieldOf(metric), part)));
  const [tables = []] = await transport.query(
    `SELECT ${asked.join(', ')} FROM ${HOURLY} WHERE ${isTag('equipment', equipment)} AND ${isTag('unit', unit)} AND ${within(fromMs, toMs)}`,
  );
  let nextMs = fromMs;
  for (const [time, ...cells] of tables[0]?.values ?? []) {
    const { ms } = timeOf(String(time));
    if (ms + HOUR_MS > toMs) continue;
    const [min, max, mean, count] = cells.map(Number) as [number, number, number, number];
    onHour(ms, { min, max, mean, count });
    nextMs = Math.max(nextMs, ms + HOUR_MS);
  }
  return nextMs;
};
