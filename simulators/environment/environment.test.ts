import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIMATES, type ClimateName } from './climate.ts';
import { anywhere } from './surroundings.ts';
import { createSky } from './weather.ts';

const DAY_MS = 86_400_000;
const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
const hours = (
  from: string,
  days: number,
): { day: number; hour: number; dayOff: boolean; festival: boolean; year: number }[] =>
  Array.from({ length: days * 24 }, (_, hour) => ({
    day: day(from) + Math.floor(hour / 24),
    hour: hour % 24,
    dayOff: false,
    festival: false,
    year: 0,
  }));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('weather', () => {
  it.each(Object.keys(CLIMATES) as ClimateName[])(
    'of a %s year is warm in July and rains as its climate says',
    (name) => {
      const sky = createSky(name, 5, 'r');
      const { meanC, yearlyC, rainyDays } = CLIMATES[name];
      const july = mean(hours('2026-07-01', 31).map((time) => sky.at(time).outdoorC));
      const january = mean(hours('2026-01-01', 31).map((time) => sky.at(time).outdoorC));
      expect(july).toBeGreaterThan(meanC + 0.6 * yearlyC);
      expect(january).toBeLessThan(meanC - 0.6 * yearlyC);
      const wet = Array.from({ length: 3_650 }, (_, at) => {
        const of = day('2020-01-01') + at;
        return hours('2020-01-01', 1).some((time) => sky.at({ ...time, day: of }).rainMmH > 0) ? 1 : 0;
      });
      expect(Math.abs(mean(wet) - mean(rainyDays))).toBeLessThan(0.04);
    },
  );

  it('is the same in whatever order it is asked for', () => {
    const times = hours('2026-06-20', 20);
    const forwards = createSky('subtropical', 9, 'r');
    const straight = times.map((time) => forwards.at(time));
    fc.assert(
      fc.property(fc.array(fc.nat(times.length - 1), { minLength: 1, maxLength: 40 }), (order) => {
        const sky = createSky('subtropical', 9, 'r');
        for (const at of order) expect(sky.at(times[at]!)).toEqual(straight[at]);
      }),
      { numRuns: 30 },
    );
  });

  it('moves without jumps: a quarter of an hour changes it by less than two degrees', () => {
    const sky = createSky('continental', 3, 'r');
    let before: number | null = null;
    for (let quarter = 0; quarter < 96 * 120; quarter++) {
      const time = {
        ...hours('2026-05-01', 1)[0]!,
        day: day('2026-05-01') + Math.floor(quarter / 96),
        hour: (quarter % 96) / 4,
      };
      const { meanC } = sky.at(time);
      if (before !== null) expect(Math.abs(meanC - before)).toBeLessThan(0.2);
      before = meanC;
    }
  });

  it('has heat waves in summer only, and those that a scenario asks for', () => {
    const sky = createSky('subtropical', 1, 'r');
    const waves = sky.heatWaves(day('2020-01-01'), day('2029-12-31'));
    expect(waves.length).toBeGreaterThan(10);
    expect(waves.length).toBeLessThan(45);
    for (const { fromDay, excessC } of waves) {
      expect(excessC).toBeGreaterThanOrEqual(3);
      const month = new Date(fromDay * DAY_MS).getUTCMonth();
      expect(month === 5 || month === 6 || month === 7).toBe(true);
    }
    const noon = { ...hours('2026-03-10', 1)[12]! };
    const before = sky.at(noon).outdoorC;
    sky.swelter({ fromDay: noon.day - 1, toDay: noon.day + 1, excessC: 6 });
    expect(sky.at(noon).outdoorC).toBeCloseTo(before + 6, 5);
  });

  it('lets rain run off over days', () => {
    const sky = createSky('continental', 1, 'r');
    const at = (of: number, hour: number) => sky.at({ ...hours('2026-01-10', 1)[0]!, day: of, hour }).wetMm;
    const before = at(day('2026-01-11'), 20);
    sky.pour(day('2026-01-11'), { startHour: 8, hours: 4, mm: 80 });
    expect(at(day('2026-01-11'), 7)).toBeCloseTo(at(day('2026-01-11'), 7.5), 0);
    expect(at(day('2026-01-11'), 13) - before).toBeGreaterThan(70);
    expect(at(day('2026-01-13'), 12)).toBeLessThan(40);
    expect(at(day('2026-01-13'), 12)).toBeGreaterThan(15);
  });
});

describe('surroundings', () => {
  it('keep rooms livable and mains within a tenth of nominal, the whole year', () => {
    const place = anywhere(2, 'site', 'Asia/Shanghai');
    for (let atMs = Date.UTC(2026, 0, 1); atMs < Date.UTC(2027, 0, 1); atMs += 3_600_000) {
      const { roomC, undergroundC } = place.at(atMs);
      expect(roomC).toBeGreaterThan(18);
      expect(roomC).toBeLessThan(33);
      expect(undergroundC).toBeGreaterThan(8);
      expect(undergroundC).toBeLessThan(33);
      expect(Math.abs(place.voltage(atMs) - 1)).toBeLessThan(0.04);
    }
  });

  it('sag when they are told to, to the millisecond', () => {
    const place = anywhere(2, 'site', 'Asia/Shanghai');
    const atMs = Date.UTC(2026, 3, 1);
    const before = place.voltage(atMs);
    place.supply.sag({ fromMs: atMs, toMs: atMs + 100, share: 0.8 });
    expect(place.voltage(atMs)).toBeCloseTo(0.8 * before, 9);
    expect(place.voltage(atMs + 100)).toBeCloseTo(before, 3);
  });
});
