import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { localClock } from './local.ts';
import { HABITS, type Habits, nextArrivalMs } from './people.ts';

describe('localClock', () => {
  it('knows the hour and the weekend of a place', () => {
    const shanghai = localClock('Asia/Shanghai');
    // Friday 17:30 UTC is Saturday 01:30 in Shanghai.
    expect(shanghai(Date.UTC(2026, 0, 9, 17, 30))).toMatchObject({ hour: 1.5, dayOff: true });
    expect(shanghai(Date.UTC(2026, 0, 9, 4, 0))).toMatchObject({ hour: 12, dayOff: false });
  });

  it.each([
    ['2025-01-28', true, true, 'eve of Spring Festival 2025'],
    ['2025-01-26', false, false, 'a Sunday that is worked for it'],
    ['2025-10-08', true, false, 'National Day and Mid-Autumn, the eighth day'],
    ['2025-10-11', false, false, 'a Saturday that is worked for it'],
    ['2026-02-14', false, false, 'the Saturday before Spring Festival 2026'],
    ['2026-02-15', true, true, 'its first day off'],
    ['2026-02-23', true, true, 'its ninth'],
    ['2026-02-24', false, false, 'a Tuesday: back to work'],
    ['2026-09-25', true, false, 'Mid-Autumn 2026'],
    ['2027-02-06', true, true, 'the first day of the first month 2027'],
    ['2027-06-09', true, false, 'the fifth of the fifth 2027'],
  ])('knows %s in China: off %s, festival %s (%s)', (date, dayOff, festival) => {
    const noonMs = Date.parse(`${date}T12:00:00+08:00`);
    expect(localClock('Asia/Shanghai')(noonMs)).toMatchObject({ dayOff, festival });
  });

  it('knows no Chinese holiday elsewhere', () => {
    expect(localClock('Europe/Berlin')(Date.parse('2026-02-17T12:00:00Z'))).toMatchObject({
      dayOff: false,
      festival: false,
    });
  });

  it('follows a zone that changes its clocks', () => {
    const berlin = localClock('Europe/Berlin');
    expect(berlin(Date.UTC(2026, 2, 29, 0, 30)).hour).toBe(1.5);
    expect(berlin(Date.UTC(2026, 2, 29, 1, 30)).hour).toBe(3.5);
  });
});

describe('nextArrivalMs', () => {
  it('brings people when the place is open and most of them in the rush', () => {
    const clock = localClock('Asia/Shanghai');
    const random = stream(1, 'people');
    const perHour = new Array<number>(24).fill(0);
    const fromMs = Date.UTC(2026, 5, 1);
    for (let atMs = fromMs; ; ) {
      atMs = nextArrivalMs(HABITS.mall, clock, 6, atMs, random);
      if (atMs > fromMs + 28 * 86_400_000) break;
      const { hour } = clock(atMs);
      perHour[Math.floor(hour)] = (perHour[Math.floor(hour)] ?? 0) + 1;
    }
    expect(perHour.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(perHour[18]).toBeGreaterThan(2 * (perHour[9] ?? 0));
    // 6 bays × 28 days × about 13 arrivals a day.
    expect(perHour.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1_800);
  });
});

describe('habits', () => {
  const perHourOf = (habits: Habits, from: string, days: number): number[] => {
    const clock = localClock('Asia/Shanghai');
    const random = stream(3, 'habits');
    const perHour = new Array<number>(24).fill(0);
    const fromMs = Date.parse(`${from}T00:00:00+08:00`);
    for (let atMs = fromMs; ; ) {
      atMs = nextArrivalMs(habits, clock, 20, atMs, random);
      if (atMs > fromMs + days * 86_400_000) return perHour;
      const hour = Math.floor(clock(atMs).hour);
      perHour[hour] = (perHour[hour] ?? 0) + 1;
    }
  };
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

  it('have two peaks: an office fills at eight and empties at six, a home the other way round', () => {
    const office = perHourOf(HABITS.office, '2026-03-02', 5);
    expect(sum(office.slice(7, 10))).toBeGreaterThan(0.5 * sum(office));
    const home = perHourOf(HABITS.residential, '2026-03-02', 5);
    expect(sum(home.slice(17, 21))).toBeGreaterThan(0.5 * sum(home));
    expect(HABITS.office.stayMedianMs / 3_600_000).toBeCloseTo(9);
    expect(HABITS.residential.stayMedianMs / 3_600_000).toBeGreaterThan(11);
  });

  it('are not those of a working week at Spring Festival', () => {
    const week = sum(perHourOf(HABITS.office, '2026-03-02', 5));
    expect(sum(perHourOf(HABITS.office, '2026-02-16', 5))).toBeLessThan(0.1 * week);
  });
});
