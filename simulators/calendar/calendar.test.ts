import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { localClock } from './local.ts';
import { HABITS, nextArrivalMs } from './people.ts';

describe('localClock', () => {
  it('knows the hour and the weekend of a place', () => {
    const shanghai = localClock('Asia/Shanghai');
    // Friday 17:30 UTC is Saturday 01:30 in Shanghai.
    expect(shanghai(Date.UTC(2026, 0, 2, 17, 30))).toMatchObject({ hour: 1.5, weekend: true });
    expect(shanghai(Date.UTC(2026, 0, 2, 4, 0))).toMatchObject({ hour: 12, weekend: false });
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
