import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compiled, completed } from './book.ts';
import { DEFAULTS, type Parameters } from './parameters.ts';
import { DEFAULT_RULES, type Match, type Override } from './rules.ts';

const ALL: Match = { model: null, equipmentClass: null, unit: null, metric: null };
const sigmas = (match: Partial<Match>, value: number): Override => ({
  match: { ...ALL, ...match },
  detectors: { level: { sigmas: value } },
});
const book = (overrides: readonly Override[], maxCached?: number) =>
  compiled({ ...DEFAULT_RULES, overrides }, 'v', maxCached);

test('every named part must match, and a later override wins', () => {
  const { of } = book([
    sigmas({ equipmentClass: 'PSH' }, 4),
    sigmas({ model: 'PSH-7' }, 5),
    sigmas({ model: 'PSH-7', metric: 'hoistCurrentA' }, 6),
    sigmas({ unit: 'bay7', metric: 'hoistCurrentA' }, 7),
  ]);
  const at = (model: string | null, unit: string, metric: string | null): number =>
    of(model, unit, metric).level.sigmas;
  expect(at('PSH-2', 'bay1', 'skewMm')).toBe(4);
  expect(at('PSH-7', 'bay1', 'skewMm')).toBe(5);
  expect(at('PSH-7', 'bay1', null)).toBe(5);
  expect(at('PSH-7', 'bay1', 'hoistCurrentA')).toBe(6);
  expect(at('PSH-7', 'bay7', 'hoistCurrentA')).toBe(7);
  expect(at(null, 'bay1', 'hoistCurrentA')).toBe(DEFAULTS.level.sigmas);
  expect(at(null, 'bay7', 'hoistCurrentA')).toBe(7);
});

test('an override changes only the fields that it names, of all sections', () => {
  const { of } = book([
    { match: { ...ALL, unit: 'u' }, detectors: { noData: { leastMs: 1_000 }, peers: { on: false } } },
  ]);
  expect(of(null, 'u', null)).toEqual({
    ...DEFAULTS,
    noData: { ...DEFAULTS.noData, leastMs: 1_000 },
    peers: { ...DEFAULTS.peers, on: false },
  });
  expect(of(null, 'v', null)).toEqual(DEFAULTS);
});

test('what is remembered has a limit, and forgetting changes no answer', () => {
  const overrides = [sigmas({ model: 'A' }, 4), sigmas({ metric: 'm1' }, 5), sigmas({ unit: 'u2' }, 6)];
  const small = book(overrides, 5);
  const large = book(overrides);
  const name = (letter: string) => fc.nat({ max: 4 }).map((n) => `${letter}${n}`);
  fc.assert(
    fc.property(fc.constantFrom('A', 'B', null), name('u'), fc.option(name('m')), (model, unit, metric) => {
      expect(small.of(model, unit, metric)).toEqual(large.of(model, unit, metric));
      expect(small.cache().size).toBeLessThanOrEqual(5);
    }),
  );
  expect(small.cache().cleared).toBeGreaterThan(0);
  expect(large.of('A', 'u0', 'm0')).toBe(large.of('A', 'u0', 'm0'));
});

test('rules of an older release have the defaults for what it did not know', () => {
  const { peers: _, ...known } = DEFAULTS;
  const old = { detectors: { ...known, level: { on: false } } as unknown as Parameters };
  expect(completed(old)).toEqual({
    ...DEFAULT_RULES,
    detectors: { ...DEFAULTS, level: { ...DEFAULTS.level, on: false } },
  });
});
