import { expect, test } from 'vitest';
import { localTime, onShift } from './shift.ts';

const shanghai = 'Asia/Shanghai';
const at = (iso: string): number => Date.parse(iso);

test('local time is in the zone of the crew, not of the server', () => {
  // Sunday 23:30 UTC is Monday 07:30 in Shanghai.
  expect(localTime(at('2026-11-22T23:30:00Z'), shanghai)).toEqual({ day: 1, minute: 450 });
});

test('a day shift covers its hours: from inclusive, to exclusive', () => {
  const crew = { timeZone: shanghai, shifts: [{ days: [1], from: '08:00', to: '18:00' }] };
  expect(onShift(crew, at('2026-11-23T08:00:00+08:00'))).toBe(true);
  expect(onShift(crew, at('2026-11-23T17:59:00+08:00'))).toBe(true);
  expect(onShift(crew, at('2026-11-23T18:00:00+08:00'))).toBe(false);
  expect(onShift(crew, at('2026-11-24T09:00:00+08:00'))).toBe(false);
});

test('a night shift belongs to the day on which it begins', () => {
  const crew = { timeZone: shanghai, shifts: [{ days: [7], from: '22:00', to: '06:00' }] };
  expect(onShift(crew, at('2026-11-22T23:00:00+08:00'))).toBe(true);
  expect(onShift(crew, at('2026-11-23T05:59:00+08:00'))).toBe(true);
  expect(onShift(crew, at('2026-11-23T06:00:00+08:00'))).toBe(false);
  expect(onShift(crew, at('2026-11-22T05:00:00+08:00'))).toBe(false);
});

test('midnight to midnight is the whole day, and no shifts is never', () => {
  const always = {
    timeZone: shanghai,
    shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00' }],
  };
  for (let hour = 0; hour < 24 * 7; hour += 1)
    expect(onShift(always, at('2026-11-23T00:00:00Z') + hour * 3_600_000)).toBe(true);
  expect(onShift({ timeZone: shanghai, shifts: [] }, 0)).toBe(false);
});
