import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DAY, MINUTE, normal, player, T0, uniform } from './testing/play.ts';

/** False alarms send a van for nothing: weeks of healthy signals, and nobody is sent. */
const catalogue = await loadCatalogue();
type Signal = (random: () => number, day: number, seed: number) => number;
const wave = (day: number, seed: number): number => Math.sin(2 * Math.PI * (day + seed / 7));

const SIGNALS: readonly (readonly [name: string, metric: string, everyMs: number, days: number, Signal])[] = [
  ['noise of 5 %', 'hoistCurrentA', 20 * MINUTE, 60, (random) => 9 * (1 + 0.05 * normal(random))],
  [
    'empty and loaded',
    'hoistCurrentA',
    20 * MINUTE,
    60,
    (random) => 9 * (random() < 0.5 ? 1.25 : 1) * (1 + 0.03 * normal(random)),
  ],
  [
    'one wild reading in fifty',
    'hoistCurrentA',
    20 * MINUTE,
    60,
    (random) => 9 * (1 + 0.05 * normal(random)) * (random() < 0.02 ? 2.5 : 1),
  ],
  [
    'a daily rhythm of 10 °C',
    'windingTempC',
    MINUTE,
    21,
    (random, day, seed) => 45 + 10 * wave(day, seed) + normal(random),
  ],
  [
    'a rhythm that rests at weekends',
    'windingTempC',
    5 * MINUTE,
    42,
    (random, day, seed) => 45 + 12 * (Math.floor(day) % 7 < 5 ? 1 : 0.6) * wave(day, seed) + normal(random),
  ],
  [
    'skewed, with a rhythm',
    'vibrationMmS',
    5 * MINUTE,
    42,
    (random, day, seed) => 1.1 * Math.exp(0.2 * normal(random) + 0.2 * wave(day, seed)),
  ],
  [
    '10 s, with a rhythm of 10 %',
    'hoistCurrentA',
    10_000,
    7,
    (random, day, seed) => 9 * (1 + 0.1 * wave(day, seed) + 0.03 * normal(random)),
  ],
];

describe('healthy signals raise nothing that sends somebody', () => {
  test.each(SIGNALS)('%s', (_name, metric, everyMs, days, signal) => {
    for (let seed = 1; seed <= 4; seed++) {
      const garage = player(catalogue);
      const random = uniform(seed);
      for (let atMs = 0; atMs < days * DAY; atMs += everyMs)
        garage.read(T0 + atMs, { [metric]: signal(random, atMs / DAY, seed) });
      const sent = garage.events.filter(({ severity }) => severity !== 'watch');
      expect(sent.map(({ rule, atMs }) => `${rule} day ${(atMs - T0) / DAY} seed ${seed}`)).toEqual([]);
    }
  });
});

test('from the first reading on: a reading every ten minutes, a rhythm of 10 %, whatever the hour it began', () => {
  for (let hour = 0; hour < 24; hour++) {
    const garage = player(catalogue);
    const random = uniform(hour);
    for (let atMs = 0; atMs < 4 * DAY; atMs += 10 * MINUTE) {
      const level = 1 + 0.1 * Math.sin(2 * Math.PI * (atMs / DAY + hour / 24));
      garage.read(T0 + atMs, { hoistCurrentA: 9 * level * (1 + 0.01 * normal(random)) });
    }
    const sent = garage.events.filter(({ severity }) => severity !== 'watch');
    expect(sent.map(({ rule, atMs }) => `${rule} day ${(atMs - T0) / DAY} hour ${hour}`)).toEqual([]);
  }
});
