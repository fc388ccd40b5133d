import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DERIVED_NAME, holdsDerived } from '../telemetry/derived.ts';
import { METRIC_NAME } from '../telemetry/limits.ts';
import type { Reading } from '../telemetry/reading.ts';
import { DERIVE_EVERY_MS, derivedOf, isDue, lifeOfEvent } from './derive.ts';
import { HOUR, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();

const at = (tsMs: number, value = 9): Reading => ({
  equipment: 'E',
  unit: 'bay1',
  tsMs,
  tsSource: 'device',
  seq: null,
  receivedAtMs: tsMs + 40,
  values: { hoistCurrentA: value, unheardMetric: 1 },
});

/** So many hours of a machine whose level is `levelOf` the hour. */
const lived = (hours: number, levelOf: (hour: number) => number): Player => {
  const garage = player(catalogue);
  const random = uniform(3);
  for (let hour = 0; hour < hours; hour++)
    garage.read(T0 + hour * HOUR, { hoistCurrentA: levelOf(hour) * (1 + 0.01 * normal(random)) });
  return garage;
};

test('the band follows the rhythm of the hours, and nearly all readings lie in it', () => {
  const level = (hour: number): number => 9 + (hour % 24 >= 8 && hour % 24 < 20 ? 1 : 0);
  const { state } = lived(24 * 10, level);
  const random = uniform(4);
  let inside = 0;
  for (let hour = 240; hour < 264; hour++) {
    const told = derivedOf(state, at(T0 + hour * HOUR))?.values ?? {};
    expect(Object.keys(told)).toEqual(['hoistCurrentA.low', 'hoistCurrentA.high', 'hoistCurrentA.score']);
    const value = level(hour) * (1 + 0.01 * normal(random));
    if (value >= told['hoistCurrentA.low']! && value <= told['hoistCurrentA.high']!) inside++;
    // Narrow enough to tell day from night.
    expect(told['hoistCurrentA.high']! - told['hoistCurrentA.low']!).toBeLessThan(1);
  }
  expect(inside).toBeGreaterThanOrEqual(22);
});

test('nothing is told of a series that is not learnt', () => {
  expect(derivedOf(lived(3, () => 9).state, at(T0 + 4 * HOUR))).toBeNull();
});

test('the score is low while all is well, and 0.5 or more while an alert stands', () => {
  const well = lived(24 * 10, () => 9);
  const score = (garage: Player, hour: number): number =>
    derivedOf(garage.state, at(T0 + hour * HOUR))?.values['hoistCurrentA.score'] as number;
  expect(score(well, 240)).toBeLessThan(0.3);
  const random = uniform(5);
  const seen: number[] = [];
  for (let hour = 240; hour < 280; hour++) {
    well.read(T0 + hour * HOUR, { hoistCurrentA: 12 * (1 + 0.01 * normal(random)) });
    seen.push(score(well, hour));
  }
  expect(well.events.some(({ type }) => type === 'raised')).toBe(true);
  expect(Math.max(...seen)).toBeLessThanOrEqual(1);
  expect(seen.at(-1)).toBeGreaterThanOrEqual(0.5);
  expect(seen.every((one, i) => i === 0 || one >= (seen[i - 1] as number) - 0.05)).toBe(true);
});

test('remaining life is told where an alert tells when the limit will be met', () => {
  const garage = lived(24 * 40, (hour) => 9 * (1 + 0.005 * Math.max(0, hour / 24 - 20)));
  const told = garage.events.map(lifeOfEvent).filter((life) => life !== null);
  expect(told.length).toBeGreaterThan(0);
  const { values, tsMs } = told[0] as Reading;
  const event = garage.events.find((one) => one.evidence.crossing) as Player['events'][number];
  expect(tsMs).toBe(event.atMs);
  expect(values['hoistCurrentA.lifeHours']).toBeCloseTo(
    (event.evidence.crossing!.atMs - event.atMs) / HOUR,
    0,
  );
  expect(values['hoistCurrentA.lifeHoursEarliest']).toBeLessThanOrEqual(
    values['hoistCurrentA.lifeHours'] as number,
  );
});

test('it is due once in ten minutes of the machine', () => {
  const start = DERIVE_EVERY_MS * 1_000;
  expect(isDue(start, null)).toBe(true);
  expect(isDue(start + 5, start)).toBe(false);
  expect(isDue(start + DERIVE_EVERY_MS - 1, start + 5)).toBe(false);
  expect(isDue(start + DERIVE_EVERY_MS, start + 5)).toBe(true);
  expect(isDue(start - 1, start + 5)).toBe(false);
});

test('no metric of a machine can be taken for a derived one', () => {
  for (const name of ['a.low', 'hoistCurrentA.lifeHoursLatest']) {
    expect(METRIC_NAME.test(name)).toBe(false);
    expect(DERIVED_NAME.test(name)).toBe(true);
  }
  expect(DERIVED_NAME.test('a.min')).toBe(false);
  expect(holdsDerived({ values: { 'a.low': 1 } })).toBe(true);
  expect(holdsDerived({ values: { low: 1 } })).toBe(false);
});
