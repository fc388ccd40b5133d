import type { Random } from './stream.ts';

export const uniform = (random: Random, low: number, high: number): number => low + (high - low) * random();

/** Box–Muller. `1 - random()` because the logarithm of 0 is not a number to go on with. */
export const normal = (random: Random, mean: number, sd: number): number =>
  mean + sd * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A normal draw held inside [low, high]: drawn again up to 16 times, then clipped. */
export const within = (random: Random, mean: number, sd: number, low: number, high: number): number => {
  let value = normal(random, mean, sd);
  for (let i = 0; i < 16 && (value < low || value > high); i++) value = normal(random, mean, sd);
  return Math.min(high, Math.max(low, value));
};

export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());

/** Median and spread: `sd` is the standard deviation of the logarithm. */
export const lognormal = (random: Random, median: number, sd: number): number =>
  median * Math.exp(normal(random, 0, sd));

/** Life of a part: `scale` is reached by 63 % of them; shape above 1 means that age matters. */
export const weibull = (random: Random, shape: number, scale: number): number =>
  scale * (-Math.log(1 - random())) ** (1 / shape);

export const pick = <T>(random: Random, from: readonly T[]): T => {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('pick: nothing to choose from');
  return chosen;
};

/** What a sensor reports: its resolution, no more digits. */
export const round = (value: number, digits: number): number => {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
};

/** How many of something rare, where so many come on average. Exact for the small means that it is meant for. */
export const poisson = (random: Random, mean: number): number => {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(normal(random, mean, Math.sqrt(mean))));
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count += 1;
  return count;
};
