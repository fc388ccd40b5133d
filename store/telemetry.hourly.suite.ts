import { expect, it } from 'vitest';
import { HOUR_MS, hourOf } from '../core/telemetry/hours.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import type { TelemetryStore } from './telemetry.ts';

const T0 = 1_767_225_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 100;
const EVERY_MS = 20 * 60_000;

/** A reading of one bay. */
export const row = (equipment: string, tsMs: number, values: Record<string, number>): Reading => ({
  equipment,
  unit: 'bay1',
  tsMs,
  tsSource: 'device',
  seq: null,
  receivedAtMs: tsMs + 40,
  values,
});

/** A hundred days with a gap of ten; the second metric comes in some readings only. */
const history = (equipment: string): Reading[] =>
  Array.from({ length: (DAYS * DAY_MS) / EVERY_MS }, (_, i) => i)
    .filter((i) => i < 2_000 || i >= 2_720)
    .map((i) =>
      row(equipment, T0 + i * EVERY_MS + (i % 7), {
        a: 10 + Math.sin(i / 5) + (i % 11) / 7,
        ...(i % 3 === 0 ? { b: -i } : {}),
      }),
    );

/** What buckets of `widthMs` from `fromMs` show, by a plain loop. */
const plainly = (
  rows: readonly Reading[],
  metric: string,
  { ts }: { readonly ts: readonly number[] },
  toMs: number,
) =>
  ts.map((fromMs, i) => {
    const values = rows
      .filter(({ tsMs }) => tsMs >= fromMs && tsMs < (ts[i + 1] ?? toMs))
      .flatMap(({ values }) => values[metric] ?? []);
    if (values.length === 0) return null;
    const sum = values.reduce((total, value) => total + value, 0);
    return { min: Math.min(...values), max: Math.max(...values), mean: sum / values.length };
  });

const expectAlike = (
  series: Awaited<ReturnType<TelemetryStore['series']>>,
  plain: ReturnType<typeof plainly>,
) => {
  plain.forEach((bucket, i) => {
    for (const part of ['min', 'max', 'mean'] as const) {
      const seen = series[part][i];
      if (bucket === null) expect(seen).toBeNull();
      else
        expect(Math.abs((seen as number) - bucket[part])).toBeLessThanOrEqual(
          1e-12 * Math.max(1, Math.abs(bucket[part])),
        );
    }
  });
};

const hoursOf = (rows: readonly Reading[]): number[] => [...new Set(rows.map(({ tsMs }) => hourOf(tsMs)))];

/** Hours of single series. */
const hoursOfSeries = (rows: readonly Reading[], hours: readonly number[]): number => {
  const wanted = new Set(hours);
  const found = new Set<string>();
  for (const { tsMs, values } of rows)
    if (wanted.has(hourOf(tsMs)))
      for (const metric of Object.keys(values)) found.add(`${hourOf(tsMs)}/${metric}`);
  return found.size;
};

const rollUp = async (
  store: TelemetryStore,
  equipment: string,
  hours: readonly number[],
): Promise<number> => {
  let written = 0;
  for (let at = 0; at < hours.length; at += 168)
    written += await store.rollUp(equipment, hours.slice(at, at + 168));
  return written;
};

/** Hourly values: part of every telemetry store's suite. */
export const hourlySuite = (
  store: () => TelemetryStore,
  newEquipment: () => string,
  forgets: boolean,
): void => {
  const long = (equipment: string, metric: string, points = 300) => {
    const toMs = T0 + DAYS * DAY_MS;
    return store().series({ equipment, unit: 'bay1', metric, fromMs: T0 + 1_234_567, toMs, points });
  };
  const endMs = T0 + DAYS * DAY_MS;

  it('shows a long range by full hours, the same before and after they are made up, and when the readings are gone', async () => {
    const equipment = newEquipment();
    const rows = history(equipment);
    await store().write(rows);
    const before = await long(equipment, 'a');
    expect(before.ts[0]).toBe(T0);
    expectAlike(before, plainly(rows, 'a', before, endMs));
    // The newest hours are never made up in time.
    const hours = hoursOf(rows).slice(0, -5);
    expect(await rollUp(store(), equipment, [...hours].reverse())).toBe(hoursOfSeries(rows, hours));
    for (const metric of ['a', 'b']) {
      const series = await long(equipment, metric);
      expectAlike(series, plainly(rows, metric, series, endMs));
    }
    if (!forgets) return;
    await store().expire({ rawMs: T0 + 70 * DAY_MS, hourlyMs: 0 });
    for (const metric of ['a', 'b']) {
      const series = await long(equipment, metric);
      expectAlike(series, plainly(rows, metric, series, endMs));
      expectAlike(
        await long(equipment, metric, 100),
        plainly(rows, metric, await long(equipment, metric, 100), endMs),
      );
    }
    // Made up once more without any reading left, what is known of an hour stays.
    expect(await rollUp(store(), equipment, hours.slice(0, 48))).toBe(0);
    const again = await long(equipment, 'a');
    expectAlike(again, plainly(rows, 'a', again, endMs));
  });

  it('takes what came late into the hour when that is made up again, and touches no other', async () => {
    const [equipment, other] = [newEquipment(), newEquipment()];
    const rows = history(equipment);
    await store().write([...rows, ...history(other)]);
    await rollUp(store(), equipment, hoursOf(rows));
    await rollUp(store(), other, hoursOf(rows));
    const late = row(equipment, T0 + 10 * DAY_MS + 1_000, { a: 500, c: 7 });
    await store().write([late]);
    expect(await store().rollUp(equipment, [hourOf(late.tsMs)])).toBe(3);
    const all = [...rows, late];
    for (const metric of ['a', 'b', 'c']) {
      const series = await long(equipment, metric);
      expectAlike(series, plainly(all, metric, series, endMs));
    }
    const series = await long(other, 'a');
    expectAlike(series, plainly(rows, 'a', series, endMs));
  });

  it.skipIf(!forgets)('forgets hourly values in the end', async () => {
    const equipment = newEquipment();
    const rows = history(equipment);
    await store().write(rows);
    await rollUp(store(), equipment, hoursOf(rows));
    const beforeMs = T0 + 80 * DAY_MS;
    await store().expire({ rawMs: beforeMs, hourlyMs: beforeMs });
    const { ts, max } = await long(equipment, 'a', 100);
    // A week may go as a whole.
    expect(max.filter((value, i) => value !== null && (ts[i] as number) < beforeMs - 8 * DAY_MS)).toEqual([]);
    expect(max.filter((_, i) => (ts[i] as number) > beforeMs + DAY_MS)).not.toContain(null);
    expect(await rollUp(store(), newEquipment(), hoursOf(rows).slice(0, 10))).toBe(0);
  });
};
