import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEQ_IDENTITY_MS } from '../core/telemetry/limits.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import { derivedSuite } from './telemetry.derived.suite.ts';
import { hourlySuite } from './telemetry.hourly.suite.ts';
import type { ReadingsQuery, TelemetryStore } from './telemetry.ts';

/** One place of storage that a telemetry store can be opened on again and again. */
export interface TelemetryStorage {
  /** Opens the store that lies there; the caller closes it. */
  open(): Promise<TelemetryStore>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** Whole minutes, so that buckets are easy to name. */
const T0 = 1_767_225_600_000;
const SECOND = 1_000;
const MINUTE = 60_000;

export const reading = (
  equipment: string,
  tsMs: number,
  values: Readonly<Record<string, number>>,
  more: Partial<Reading> = {},
): Reading => ({
  equipment,
  unit: '',
  tsMs,
  tsSource: 'device',
  seq: null,
  receivedAtMs: tsMs + 40,
  values,
  ...more,
});

/** Reads every page. */
export const readAll = async (
  store: TelemetryStore,
  query: Pick<ReadingsQuery, 'equipment'> & Partial<ReadingsQuery>,
): Promise<Reading[]> => {
  const rows: Reading[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.readings({
      fromMs: 0,
      toMs: T0 * 2,
      limit: 1_000,
      ...query,
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
};

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Every single number with its identity, in no special order: a store may join or keep apart rows. */
const numbersOf = (rows: readonly Reading[]): string[] =>
  rows
    .flatMap(({ unit, tsMs, seq, values }) =>
      Object.entries(values).map(([metric, value]) => JSON.stringify([unit, metric, tsMs, seq ?? 0, value])),
    )
    .sort();

/**
 * What every telemetry store does. `storage` gives a fresh, empty place. `forgets` false: a server that can't delete
 * (InfluxDB 3 Core forgets by its own retention); everything else holds all the same.
 */
export const telemetrySuite = (
  name: string,
  storage: () => Promise<TelemetryStorage>,
  { forgets = true }: { readonly forgets?: boolean } = {},
): void => {
  describe(`telemetry: ${name}`, () => {
    let place: TelemetryStorage;
    let store: TelemetryStore;
    let machines = 0;
    /** Each test has equipment of its own. */
    const newEquipment = (): string => `garage-${machines++}`;
    beforeAll(async () => {
      place = await storage();
      store = await place.open();
    });
    afterAll(async () => {
      await store.close();
      await place.dispose();
    });
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await place.open();
    };

    it('knows nothing of equipment that was never heard', async () => {
      const equipment = newEquipment();
      expect(await store.latest(equipment)).toEqual([]);
      expect(await store.list(equipment)).toEqual([]);
      expect(await readAll(store, { equipment })).toEqual([]);
      expect((await store.latestOf([equipment])).size).toBe(0);
    });

    it('gives back every reading as it came, by time, unit and number, also after it was opened again', async () => {
      const equipment = newEquipment();
      const rows = [
        reading(equipment, T0, { a: 1, b: -2.5 }, { unit: 'bay1', seq: 7 }),
        reading(equipment, T0, { a: 0.1 + 0.2 }, { unit: 'bay1', seq: 8 }),
        reading(equipment, T0, { a: 5e-324 }, { unit: 'bay2', seq: 7 }),
        reading(equipment, T0 + 1, { a: -0, c: 1e300 }, { unit: '左侧🚗' }),
        reading(equipment, T0 + 2, { constructor: 3 }, { tsSource: 'receive', receivedAtMs: T0 + 2 }),
        reading(equipment, T0 + 3, { a: 4 }, { tsSource: 'receive', receivedAtMs: T0 + 3, seq: 9 }),
      ];
      expect(await store.write([...rows].reverse())).toEqual({ stored: 8, duplicates: 0 });
      for (const again of [false, true]) {
        if (again) await reopen();
        expect(await readAll(store, { equipment })).toEqual(rows);
      }
    });

    it('changes nothing when readings are written again, together or in parts, in any order', async () => {
      const equipment = newEquipment();
      const rows = range(700).map((i) => reading(equipment, T0 + i * SECOND, { a: i, b: -i }, { seq: i }));
      expect(await store.write(rows)).toEqual({ stored: 1_400, duplicates: 0 });
      expect(await store.write(rows)).toEqual({ stored: 0, duplicates: 1_400 });
      await reopen();
      expect(await store.write(rows.slice(300, 500).reverse())).toEqual({ stored: 0, duplicates: 400 });
      const more = range(10).map((i) =>
        reading(equipment, T0 + (700 + i) * SECOND, { a: i }, { seq: 700 + i }),
      );
      expect(await store.write([...rows.slice(690), ...more, ...more])).toEqual({
        stored: 10,
        duplicates: 30,
      });
      expect(await readAll(store, { equipment })).toEqual([...rows, ...more]);
    });

    it('keeps the first value where another comes with the same identity', async () => {
      const equipment = newEquipment();
      await store.write([
        reading(equipment, T0, { a: 1 }, { seq: 3 }),
        reading(equipment, T0, { a: 2 }, { seq: 3 }),
      ]);
      await store.write([reading(equipment, T0, { a: 3 }, { seq: 3 })]);
      expect(numbersOf(await readAll(store, { equipment }))).toEqual([JSON.stringify(['', 'a', T0, 3, 1])]);
      expect(await store.latest(equipment)).toMatchObject([{ metric: 'a', value: 1 }]);
    });

    it('adds another metric of the same time and number', async () => {
      const equipment = newEquipment();
      await store.write([reading(equipment, T0, { a: 1 }, { seq: 3 })]);
      expect(await store.write([reading(equipment, T0, { a: 9, b: 2 }, { seq: 3 })])).toEqual({
        stored: 1,
        duplicates: 1,
      });
      const values = (await readAll(store, { equipment })).map((row) => row.values);
      expect(Object.assign({}, ...values)).toEqual({ a: 1, b: 2 });
    });

    it('takes the same number at another time for another reading: counting starts again after a reboot', async () => {
      const equipment = newEquipment();
      const rows = [1, 2, 3, 1, 2, 3].map((seq, i) => reading(equipment, T0 + i, { a: i }, { seq }));
      expect(await store.write(rows)).toEqual({ stored: 6, duplicates: 0 });
      expect(await readAll(store, { equipment })).toEqual(rows);
    });

    it('knows a reading without device time by its number for ten minutes', async () => {
      const equipment = newEquipment();
      const at = (ms: number, seq: number | null, unit = ''): Reading =>
        reading(equipment, T0 + ms, { a: 5 }, { tsSource: 'receive', receivedAtMs: T0 + ms, seq, unit });
      const wrote = async (...rows: Reading[]): Promise<number> => (await store.write(rows)).stored;
      expect(await wrote(at(0, 1), at(1, 2), at(2, 1))).toBe(2);
      expect(await wrote(at(30 * SECOND, 1), at(SEQ_IDENTITY_MS, 1))).toBe(0);
      expect(await wrote(at(MINUTE, 1, 'bay2'))).toBe(1);
      expect(await wrote(at(SEQ_IDENTITY_MS + 1, 1))).toBe(1);
      await reopen();
      expect(await wrote(at(SEQ_IDENTITY_MS + MINUTE, 1))).toBe(0);
      expect(await wrote(reading(equipment, T0 + 5 * SECOND, { a: 7 }, { seq: 1 }))).toBe(1);
      // A resent reading is no news either: its later receive time must not pass for a fresh value.
      expect((await store.latest(equipment)).find(({ unit }) => unit === '')?.tsMs).toBe(
        T0 + SEQ_IDENTITY_MS + 1,
      );
    });

    it('loses nothing of a device without a clock that starts again and counts anew', async () => {
      const equipment = newEquipment();
      const at = (ms: number, seq: number, values: Readonly<Record<string, number>>): Reading =>
        reading(equipment, T0 + ms, values, { tsSource: 'receive', receivedAtMs: T0 + ms, seq });
      const before = [at(0, 1, { a: 1, door: 0 }), at(SECOND, 2, { a: 2, door: 0 })];
      const after = [at(MINUTE, 1, { a: 7, door: 0 }), at(MINUTE + SECOND, 2, { a: 8, door: 0 })];
      expect(await store.write(before)).toEqual({ stored: 4, duplicates: 0 });
      expect(await store.write(after)).toEqual({ stored: 4, duplicates: 0 });
      await reopen();
      // Sent again by the device, which heard no PUBACK, and read again by the recorder.
      const resent = after.map((row) => ({ ...row, tsMs: row.tsMs + 3, receivedAtMs: row.receivedAtMs + 3 }));
      for (const rows of [before, after, resent, [...resent, ...before].reverse()])
        expect((await store.write(rows)).stored).toBe(0);
      expect(await readAll(store, { equipment })).toEqual([...before, ...after]);
      expect(await store.latest(equipment)).toMatchObject([
        { metric: 'a', value: 8, tsMs: T0 + MINUTE + SECOND },
        { metric: 'door' },
      ]);
      // Both at one time of reception, in one message.
      const same = [at(2 * MINUTE, 1, { a: 3 }), at(2 * MINUTE, 1, { a: 4 }), at(2 * MINUTE, 1, { a: 3 })];
      expect(await store.write(same)).toEqual({ stored: 2, duplicates: 1 });
      expect(await store.write(same)).toEqual({ stored: 0, duplicates: 3 });
    });

    it('shows the last of readings that came at one time without a time of their own', async () => {
      const equipment = newEquipment();
      const at = (a: number, ms = 0): Reading =>
        reading(equipment, T0 + ms, { a }, { tsSource: 'receive', receivedAtMs: T0 + ms });
      const latest = async (): Promise<number | undefined> => (await store.latest(equipment))[0]?.value;
      await store.write([at(1), at(2), at(3)]);
      expect(await latest()).toBe(3);
      await store.write([at(4)]);
      expect(await latest()).toBe(4);
      await store.write([at(5, -1)]);
      expect(await latest()).toBe(4);
    });

    it('takes no number for the number 0, and counts the second of them', async () => {
      const equipment = newEquipment();
      const before = (await store.stats()).duplicates;
      const [none, zero] = [reading(equipment, T0, { a: 1 }), reading(equipment, T0, { a: 2 }, { seq: 0 })];
      expect(await store.write([none])).toEqual({ stored: 1, duplicates: 0 });
      expect(await store.write([zero])).toEqual({ stored: 0, duplicates: 1 });
      expect(await store.write([none, zero, reading(equipment, T0, { a: 3 })])).toEqual({
        stored: 0,
        duplicates: 3,
      });
      expect((await store.stats()).duplicates - before).toBe(4);
      expect(numbersOf(await readAll(store, { equipment }))).toEqual([JSON.stringify(['', 'a', T0, 0, 1])]);
      expect(await store.latest(equipment)).toMatchObject([{ value: 1 }]);
    });

    it('stores readings with neither time nor number at least once each', async () => {
      const equipment = newEquipment();
      const row = reading(equipment, T0, { a: 1 }, { tsSource: 'receive', receivedAtMs: T0 });
      await store.write([row, row, { ...row, values: { a: 2 } }]);
      const values = (await readAll(store, { equipment })).map((stored) => stored.values.a);
      expect(values.filter((value) => value === 1).length).toBeGreaterThanOrEqual(2);
      expect(values).toContain(2);
    });

    it('never lets a late reading overwrite the latest value', async () => {
      const equipment = newEquipment();
      await store.write([reading(equipment, T0 + MINUTE, { a: 1, b: 5 }), reading(equipment, T0, { a: 2 })]);
      await store.write([reading(equipment, T0 + SECOND, { a: 3, c: 6 }, { receivedAtMs: T0 + 5 * MINUTE })]);
      expect(await store.latest(equipment)).toEqual([
        { unit: '', metric: 'a', tsMs: T0 + MINUTE, receivedAtMs: T0 + MINUTE + 40, value: 1 },
        { unit: '', metric: 'b', tsMs: T0 + MINUTE, receivedAtMs: T0 + MINUTE + 40, value: 5 },
        { unit: '', metric: 'c', tsMs: T0 + SECOND, receivedAtMs: T0 + 5 * MINUTE, value: 6 },
      ]);
      await store.write([reading(equipment, T0 + 2 * MINUTE, { a: 4 })]);
      expect((await store.latest(equipment))[0]).toMatchObject({ tsMs: T0 + 2 * MINUTE, value: 4 });
    });

    it('gives the latest values of many equipments at once, without those never heard', async () => {
      const known = [newEquipment(), newEquipment()];
      await store.write(known.map((equipment, i) => reading(equipment, T0, { a: i }, { unit: `bay${i}` })));
      const latest = await store.latestOf([...known, newEquipment()]);
      expect([...latest.keys()].sort()).toEqual([...known].sort());
      expect(latest.get(known[1]!)).toMatchObject([{ unit: 'bay1', metric: 'a', value: 1 }]);
    });

    it('lists the series of an equipment with their first and last time', async () => {
      const equipment = newEquipment();
      await store.write([
        reading(equipment, T0 + 5, { a: 1, b: 1 }, { unit: 'bay1' }),
        reading(equipment, T0 + 9, { a: 1 }, { unit: 'bay1' }),
      ]);
      await store.write([
        reading(equipment, T0 + 1, { a: 1 }, { unit: 'bay1' }),
        reading(equipment, T0 + 3, { a: 1 }, { unit: 'bay2' }),
      ]);
      expect(await store.list(equipment)).toEqual([
        { unit: 'bay1', metric: 'a', firstMs: T0 + 1, lastMs: T0 + 9 },
        { unit: 'bay1', metric: 'b', firstMs: T0 + 5, lastMs: T0 + 5 },
        { unit: 'bay2', metric: 'a', firstMs: T0 + 3, lastMs: T0 + 3 },
      ]);
    });

    it('summarises a series in equal buckets from the start of the range, null where nothing was heard', async () => {
      const equipment = newEquipment();
      const at = (ms: number, a: number): Reading => reading(equipment, T0 + ms, { a });
      await store.write([at(0, 1), at(SECOND, 3), at(MINUTE - 1, 8), at(2 * MINUTE, -5), at(4 * MINUTE, 99)]);
      await store.write([
        at(-1, 99),
        reading(equipment, T0 + 1, { b: 50 }),
        reading(equipment, T0, { a: 7 }, { unit: 'x' }),
      ]);
      const query = { equipment, unit: '', metric: 'a', fromMs: T0, toMs: T0 + 4 * MINUTE };
      expect(await store.series({ ...query, points: 4 })).toEqual({
        ts: [T0, T0 + MINUTE, T0 + 2 * MINUTE, T0 + 3 * MINUTE],
        min: [1, null, -5, null],
        max: [8, null, -5, null],
        mean: [4, null, -5, null],
      });
      const fine = await store.series({ ...query, points: 240 });
      expect(fine.ts).toHaveLength(240);
      expect(fine.ts[1]! - fine.ts[0]!).toBe(SECOND);
      expect(fine.mean.filter((value) => value !== null)).toEqual([1, 3, 8, -5]);
      const narrow = await store.series({ ...query, toMs: T0 + 10, points: 100 });
      expect(narrow.ts.length).toBeLessThanOrEqual(100);
      expect(narrow.min.filter((value) => value !== null)).toEqual([1]);
      const never = await store.series({ ...query, metric: 'zz', points: 2 });
      expect(never).toMatchObject({ ts: [T0, T0 + 2 * MINUTE], min: [null, null] });
      expect((await store.series({ ...query, toMs: T0, points: 5 })).ts).toEqual([]);
    });

    it('summarises a long history like a plain loop does', async () => {
      const equipment = newEquipment();
      const rows = range(5_000).map((i) => reading(equipment, T0 + i * SECOND, { a: Math.sin(i / 50) * 10 }));
      await store.write(rows);
      const series = await store.series({
        equipment,
        unit: '',
        metric: 'a',
        fromMs: T0,
        toMs: T0 + 5_000 * SECOND,
        points: 50,
      });
      expect(series.ts).toEqual(range(50).map((i) => T0 + i * 100 * SECOND));
      for (const i of range(50)) {
        const values = rows.slice(i * 100, i * 100 + 100).map((row) => row.values.a!);
        expect(series.min[i]).toBe(Math.min(...values));
        expect(series.max[i]).toBe(Math.max(...values));
        expect(series.mean[i]).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 100, 9);
      }
    });

    it('pages through readings of a unit and a metric, from inclusive, to exclusive', async () => {
      const equipment = newEquipment();
      const rows = range(30).map((i) =>
        reading(equipment, T0 + i, i % 3 === 0 ? { a: i } : { a: i, b: i }, { unit: `bay${i % 2}` }),
      );
      await store.write(rows);
      const page = await store.readings({ equipment, fromMs: T0 + 5, toMs: T0 + 9, limit: 100 });
      expect(page).toEqual({ rows: rows.slice(5, 9), next: null });
      expect(await readAll(store, { equipment, limit: 7 })).toEqual(rows);
      expect(await readAll(store, { equipment, unit: 'bay1', limit: 4 })).toEqual(
        rows.filter(({ unit }) => unit === 'bay1'),
      );
      expect(await readAll(store, { equipment, metric: 'b', limit: 3 })).toEqual(
        rows.filter((_, i) => i % 3 !== 0).map((row) => ({ ...row, values: { b: row.values.b } })),
      );
      expect(await readAll(store, { equipment, unit: 'none' })).toEqual([]);
    });

    it('neither skips nor repeats a reading when more are written between two pages', async () => {
      const equipment = newEquipment();
      const nameless = (a: number): Reading =>
        reading(equipment, T0 + 50, { a }, { tsSource: 'receive', receivedAtMs: T0 + 50 });
      const rows = range(100).map((i) => reading(equipment, T0 + i * 2, { a: i }));
      await store.write([...rows, ...range(5).map(nameless)]);
      const before = await readAll(store, { equipment });
      const seen: Reading[] = [];
      let cursor: string | undefined;
      for (let round = 0; ; round++) {
        const page = await store.readings({
          equipment,
          fromMs: T0,
          toMs: T0 + MINUTE,
          limit: 9,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.rows);
        // Always one behind and one among what is still to come.
        await store.write([
          reading(equipment, T0 + 1 + round * 2, { a: -1 }),
          reading(equipment, T0 + 199 + round * 2, { a: -2 }),
        ]);
        if (page.next === null) break;
        cursor = page.next;
      }
      const known = new Set(numbersOf(before));
      expect(seen.filter((row) => known.has(numbersOf([row])[0]!))).toEqual(before);
      expect(new Set(numbersOf(seen)).size).toBe(seen.length);
    });

    it('refuses a cursor that it did not give', async () => {
      const query = { equipment: newEquipment(), fromMs: 0, toMs: T0, limit: 1 };
      await expect(store.readings({ ...query, cursor: 'rubbish' })).rejects.toThrow(/cursor/);
    });

    it.skipIf(!forgets)('forgets readings before a time and keeps all from then on', async () => {
      const equipment = newEquipment();
      const rows = range(3_000).map((i) =>
        reading(equipment, T0 - 40 * 86_400_000 + i * 1_200_000, { a: i }),
      );
      await store.write(rows);
      const points = (await store.stats()).points;
      const beforeMs = rows[2_000]!.tsMs;
      expect(await store.expire({ rawMs: beforeMs, hourlyMs: 0 })).toBeGreaterThan(0);
      const left = await readAll(store, { equipment });
      expect(left.length).toBeLessThan(rows.length);
      expect(left.filter(({ tsMs }) => tsMs >= beforeMs)).toEqual(rows.slice(2_000));
      expect((await store.stats()).points).toBe(points - (rows.length - left.length));
      expect(await store.latest(equipment)).toMatchObject([{ value: 2_999 }]);
      expect(await store.expire({ rawMs: beforeMs, hourlyMs: 0 })).toBe(0);
    });

    hourlySuite(() => store, newEquipment, forgets);
    derivedSuite(() => store, newEquipment, forgets);

    it('says after a write whose readings are new, until the listener leaves', async () => {
      const [one, two] = [newEquipment(), newEquipment()];
      const heard: string[][] = [];
      const leave = store.onWrite((equipment) => void heard.push([...equipment].sort()));
      await store.write([
        reading(one, T0, { a: 1 }),
        reading(two, T0, { a: 1 }),
        reading(one, T0 + 1, { a: 1 }),
      ]);
      await expect.poll(() => heard).toEqual([[one, two]]);
      await store.write([reading(one, T0, { a: 1 }), reading(two, T0 + 1, { a: 1 })]);
      await expect.poll(() => heard).toEqual([[one, two], [two]]);
      leave();
      await store.write([reading(one, T0 + 2, { a: 1 })]);
      expect(heard).toHaveLength(2);
    });

    it('counts points, bytes and duplicates', async () => {
      const before = await store.stats();
      const rows = [reading(newEquipment(), T0, { a: 1, b: 2, c: 3 })];
      await store.write(rows);
      await store.write(rows);
      const after = await store.stats();
      expect(after.points - before.points).toBe(3);
      expect(after.duplicates - before.duplicates).toBe(3);
      expect(after.bytes).toBeGreaterThan(0);
    });

    it('ends with the same numbers whatever the order, the parts and the repetitions of the writes', async () => {
      const event = fc.record({
        unit: fc.constantFrom('', 'bay1'),
        minute: fc.integer({ min: 0, max: 40 }),
        seq: fc.constantFrom(null, 0, 1, 2),
        metric: fc.constantFrom('a', 'b'),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(event, { maxLength: 60 }), { maxLength: 8 }), async (batches) => {
          const equipment = newEquipment();
          const first = new Map<string, number>();
          const newest = new Map<
            string,
            { readonly ts: number; readonly seq: number; readonly value: number }
          >();
          for (const batch of batches) {
            const rows = batch.map(({ unit, minute, seq, metric, value }) =>
              reading(equipment, T0 + minute * MINUTE, { [metric]: value }, { unit, seq }),
            );
            for (const row of rows) {
              const [metric, value] = Object.entries(row.values)[0]!;
              const identity = JSON.stringify([row.unit, metric, row.tsMs, row.seq ?? 0]);
              if (first.has(identity)) continue;
              first.set(identity, value);
              const series = `${row.unit}/${metric}`;
              const known = newest.get(series);
              const fresh = { ts: row.tsMs, seq: row.seq ?? 0, value };
              if (!known || fresh.ts > known.ts) newest.set(series, fresh);
            }
            await store.write(rows);
            await store.write(rows.slice(0, 5));
          }
          const stored = await readAll(store, { equipment, limit: 50 });
          const expected = [...first].map(([identity, value]) =>
            JSON.stringify([...JSON.parse(identity), value]),
          );
          expect(numbersOf(stored)).toEqual(expected.sort());
          const latest = await store.latest(equipment);
          expect(latest.map(({ unit, metric }) => `${unit}/${metric}`).sort()).toEqual(
            [...newest.keys()].sort(),
          );
          for (const { unit, metric, tsMs } of latest) expect(tsMs).toBe(newest.get(`${unit}/${metric}`)!.ts);
        }),
        { numRuns: 25 },
      );
    });
  });
};
