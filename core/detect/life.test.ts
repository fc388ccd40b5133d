import { expect, test } from 'vitest';
import { lifeOf } from './life.ts';
import { HOUR, normal, T0, uniform } from './testing/play.ts';

const course = (seed: number, noise: number, value: (hour: number) => number) => {
  const random = uniform(seed);
  const hours = Array.from({ length: 32 }, (_, i) => i);
  return {
    ts: hours.map((hour) => T0 + hour * HOUR),
    values: hours.map((hour) => value(hour) * (1 + noise * normal(random))),
  };
};
const NOW = T0 + 31 * HOUR;

test('the 80 % interval of a straight ramp holds the truth about as often', () => {
  let inside = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const { ts, values } = course(seed, 0.02, (hour) => 10 + 0.05 * hour);
    const crossing = lifeOf(ts, values, 14, 'high', NOW)?.crossing;
    const truth = T0 + 80 * HOUR;
    if (crossing && crossing.earliestMs <= truth && (crossing.latestMs ?? Number.MAX_VALUE) >= truth)
      inside += 1;
  }
  expect(inside / 400).toBeGreaterThan(0.7);
  expect(inside / 400).toBeLessThan(0.95);
});

test('exponential growth is seen as such, and met earlier than a line would', () => {
  const { ts, values } = course(3, 0.01, (hour) => Math.exp(hour / 20));
  const life = lifeOf(ts, values, 20, 'high', NOW);
  expect(life?.shape).toBe('exponential');
  const truth = T0 + 20 * Math.log(20) * HOUR;
  expect(Math.abs((life?.crossing?.atMs ?? 0) - truth)).toBeLessThan(3 * HOUR);
  const line = course(3, 0.01, (hour) => 10 + 0.2 * hour);
  expect(lifeOf(line.ts, line.values, 30, 'high', NOW)?.shape).toBe('linear');
});

test('downwards as well; away from the limit there is no crossing; beyond it, it is now', () => {
  const { ts, values } = course(5, 0.005, (hour) => 10 - 0.05 * hour);
  expect(lifeOf(ts, values, 6, 'low', NOW)?.crossing?.atMs).toBeGreaterThan(NOW);
  expect(lifeOf(ts, values, 14, 'high', NOW)?.crossing).toBeNull();
  expect(lifeOf(ts, values, 9, 'low', NOW)?.crossing).toEqual({
    limit: 9,
    atMs: NOW,
    earliestMs: NOW,
    latestMs: NOW,
  });
});
