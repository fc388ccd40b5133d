import { expect, test } from 'vitest';
import { distanceM } from '../../core/dispatch/travel.ts';
import { amapLink, toGcj02 } from './gcj02.ts';

test('agrees with the published value for Tiananmen', () => {
  const shifted = toGcj02({ lat: 39.915, lon: 116.404 });
  expect(shifted.lon).toBeCloseTo(116.41024449916938, 9);
  expect(shifted.lat).toBeCloseTo(39.91640428150164, 9);
});

test.each([
  ['Beijing', 39.9042, 116.4074],
  ['Shanghai', 31.2304, 121.4737],
  ['Guiyang', 26.647, 106.63],
  ['Urumqi', 43.8256, 87.6168],
])('shifts %s by hundreds of metres', (_city, lat, lon) => {
  const away = distanceM({ lat, lon }, toGcj02({ lat, lon }));
  expect(away).toBeGreaterThan(100);
  expect(away).toBeLessThan(1_000);
});

test('leaves places outside China alone', () => {
  const berlin = { lat: 52.52, lon: 13.405 };
  expect(toGcj02(berlin)).toBe(berlin);
});

test('the link names the place in the coordinates that Amap draws', () => {
  const link = new URL(amapLink({ lat: 39.915, lon: 116.404 }, 'Wanda, B2'));
  expect(link.origin + link.pathname).toBe('https://uri.amap.com/navigation');
  expect(link.searchParams.get('to')).toBe('116.410244,39.916404,Wanda  B2');
  expect(link.searchParams.get('coordinate')).toBe('gaode');
});
