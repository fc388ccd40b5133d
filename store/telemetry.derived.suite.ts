import { expect, it } from 'vitest';
import { row } from './telemetry.hourly.suite.ts';
import type { TelemetryStore } from './telemetry.ts';

const T0 = 1_767_225_600_000;
const MINUTE = 60_000;

/** Series that the service works out: part of every telemetry store's suite. */
export const derivedSuite = (
  store: () => TelemetryStore,
  newEquipment: () => string,
  forgets: boolean,
): void => {
  it('keeps what was worked out apart from what was measured', async () => {
    const equipment = newEquipment();
    const measured = row(equipment, T0, { a: 1 });
    const derived = [
      row(equipment, T0, { 'a.low': 0, 'a.high': 2 }),
      row(equipment, T0 + 2 * MINUTE, { 'a.low': 0.5 }),
    ];
    expect(await store().write([measured, ...derived])).toEqual({ stored: 4, duplicates: 0 });
    const all = { equipment, fromMs: T0, toMs: T0 + 10 * MINUTE, limit: 10 };
    expect((await store().readings(all)).rows).toEqual([measured]);
    expect(await store().latest(equipment)).toMatchObject([{ metric: 'a', value: 1, tsMs: T0 }]);
    expect((await store().list(equipment)).map(({ metric }) => metric)).toEqual(['a']);
    expect((await store().readings({ ...all, metric: 'a.low' })).rows).toEqual([
      row(equipment, T0, { 'a.low': 0 }),
      row(equipment, T0 + 2 * MINUTE, { 'a.low': 0.5 }),
    ]);
    const low = { equipment, unit: 'bay1', metric: 'a.low', fromMs: T0, toMs: T0 + 4 * MINUTE, points: 2 };
    expect((await store().series(low)).mean).toEqual([0, 0.5]);
  });

  it('takes what was worked out again as the same, and forgets it with the readings', async () => {
    const equipment = newEquipment();
    const rows = Array.from({ length: 200 }, (_, i) =>
      row(equipment, T0 - 90 * 86_400_000 + i * 10 * MINUTE, { 'a.score': i / 200 }),
    );
    await store().write(rows);
    expect(await store().write(rows.slice(50, 150))).toEqual({ stored: 0, duplicates: 100 });
    const beforeMs = rows[100]!.tsMs;
    if (!forgets) return;
    await store().expire({ rawMs: beforeMs, hourlyMs: 0 });
    const query = { equipment, metric: 'a.score', fromMs: 0, toMs: T0, limit: 1_000 };
    const left = (await store().readings(query)).rows;
    expect(left.filter(({ tsMs }) => tsMs >= beforeMs)).toEqual(rows.slice(100));
    expect(left.length).toBeLessThan(rows.length);
  });
};
