import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { createTrial, type TrialOptions } from '../trial.ts';
import type { AnyDefect } from './defect/defect.ts';
import { DEFECTS } from './defects.ts';
import { noEffects } from './effect.ts';
import { defectsOf, GARAGES } from './kinds.ts';
import { faults, live, median, readings, valuesOf } from './testing/hear.ts';
import type { Stress } from './wear/stress.ts';

const FROM_MS = Date.UTC(2026, 3, 1, 16);
const DAY_MS = 86_400_000;
const RATED: Stress = { load: 1, tempC: 42, ambientC: 20, humidityPct: 66, wetMm: 8 };
const ALL: readonly [string, AnyDefect][] = Object.entries(DEFECTS);

const anyStress: fc.Arbitrary<Stress> = fc.record({
  load: fc.double({ min: 0.6, max: 1.3, noNaN: true }),
  tempC: fc.double({ min: 5, max: 110, noNaN: true }),
  ambientC: fc.double({ min: -10, max: 40, noNaN: true }),
  humidityPct: fc.double({ min: 20, max: 100, noNaN: true }),
  wetMm: fc.double({ min: 0, max: 120, noNaN: true }),
});

describe.each(ALL)('%s', (name, defect) => {
  const random = stream(1, name);

  it('does nothing to the signals while it is sound, whatever the years', () => {
    let state = defect.fresh(random, true);
    for (let i = 0; i < 2_000; i++) state = defect.after(state, RATED, 1, random);
    expect(defect.share(state)).toBe(0);
    const effects = noEffects();
    defect.affect(state, effects);
    const { elongationPct: _e, brokenWires: _w, diameterPct: _d, liningMm: _l, ...signals } = effects;
    const { elongationPct: _a, brokenWires: _b, diameterPct: _c, liningMm: _f, ...none } = noEffects();
    expect(signals).toEqual(none);
  });

  it('only ever gets worse, under any stress, and fails', () => {
    fc.assert(
      fc.property(fc.array(anyStress, { minLength: 5, maxLength: 60 }), fc.integer(), (stresses, seed) => {
        const noise = stream(seed, name);
        let state = defect.begin(defect.fresh(noise, true), 40);
        let before = defect.share(state);
        for (let i = 0; i < 400 && before < 1; i++) {
          state = defect.after(state, stresses[i % stresses.length]!, 1, noise);
          expect(defect.share(state)).toBeGreaterThanOrEqual(before);
          before = defect.share(state);
        }
        expect(before).toBe(1);
      }),
      { numRuns: 20 },
    );
  });

  it('lasts about as long as it is told to, at rated stress', () => {
    let state = defect.begin(defect.fresh(random, true), 1_000);
    let cycles = 0;
    while (defect.share(state) < 1) {
      state = defect.after(state, RATED, 1, random);
      cycles += 1;
    }
    expect(cycles).toBeGreaterThan(800);
    expect(cycles).toBeLessThan(1_250);
  });

  it('is as new after its repair', () => {
    expect(defect.share(defect.fresh(random, false))).toBe(0);
  });
});

const trialOf = (options: Partial<TrialOptions> & Pick<TrialOptions, 'model' | 'mechanism'>) =>
  createTrial({ seed: 2, tier: 3, fromMs: FROM_MS, onsetMs: FROM_MS + 5 * DAY_MS, lifeDays: 6, ...options });

const CASES = Object.entries(GARAGES).flatMap(([id, kind]) =>
  defectsOf(kind).map((mechanism) => [`${id}-7`, mechanism] as const),
);

describe('by the clock', () => {
  it.each(CASES)(
    '%s wears by %s, fails after its onset with a code of its own, and is well after repair',
    (model, mechanism) => {
      const trial = trialOf({ model, mechanism });
      const { machine } = trial;
      for (const _ of trial.until(FROM_MS + 40 * DAY_MS)) if (trial.truth()?.failureMs != null) break;
      const wear = trial.truth()!;
      const failedMs = wear.failureMs ?? 0;
      const days = (failedMs - wear.onsetMs) / DAY_MS;
      expect(wear.onsetMs).toBe(FROM_MS + 5 * DAY_MS);
      expect(days).toBeGreaterThan(1.5);
      expect(days).toBeLessThan(24);
      expect(DEFECTS[mechanism].codes).toContain(wear.code);

      const down = live(machine, failedMs + 2 * 3_600_000);
      expect(
        faults(down).filter(({ code, active }) => code === wear.code && active).length,
      ).toBeLessThanOrEqual(1);
      const other = wear.component === 'body' ? 'hoist' : 'body';
      expect(machine.repair(wear.unit, other, failedMs + 3 * 3_600_000, failedMs + 3 * 3_600_000)).toEqual(
        [],
      );
      const repairedMs = failedMs + 3 * 3_600_000;
      const fallen = faults(machine.repair(wear.unit, wear.component, repairedMs, repairedMs));
      expect(fallen).toEqual([expect.objectContaining({ unit: wear.unit, code: wear.code, active: false })]);
      expect(trial.truth()?.repairedMs).toBe(repairedMs);
      const after = live(machine, repairedMs + 5 * DAY_MS);
      expect(faults(after).filter(({ active }) => active)).toEqual([]);
      expect(readings(after, wear.unit).length).toBeGreaterThan(50);
    },
  );

  it('comes back to its own level after a repair', () => {
    const trial = trialOf({ model: 'PQS-7', mechanism: 'seal' });
    const { machine } = trial;
    const before = valuesOf(live(machine, FROM_MS + 4 * DAY_MS), 'lift1', 'oilDecayMpaH');
    for (const _ of trial.until(FROM_MS + 30 * DAY_MS)) if (trial.truth()?.failureMs != null) break;
    const repairedMs = (trial.truth()?.failureMs ?? 0) + 3_600_000;
    machine.repair('lift1', 'hydraulics', repairedMs, repairedMs);
    const after = valuesOf(live(machine, repairedMs + 4 * DAY_MS), 'lift1', 'oilDecayMpaH');
    expect(Math.abs(median(after) / median(before) - 1)).toBeLessThan(0.25);
  });
});

describe('with fault codes only', () => {
  it('warns ever more often before it fails', () => {
    const thirds = [0, 0, 0];
    for (let seed = 1; seed <= 9; seed++) {
      const trial = trialOf({ model: 'PSH-7', mechanism: 'bearing', tier: 1, seed, lifeDays: 12 });
      const at: number[] = [];
      for (const said of trial.until(FROM_MS + 60 * DAY_MS)) {
        expect(readings(said)).toEqual([]);
        for (const { code, active, tsMs } of faults(said)) if (code === 'W04' && active) at.push(tsMs);
        if (trial.truth()?.failureMs != null) break;
      }
      const { onsetMs, failureMs } = trial.truth()!;
      for (const ms of at) {
        const third = Math.floor((3 * (ms - onsetMs)) / ((failureMs ?? 0) - onsetMs));
        thirds[third] = (thirds[third] ?? 0) + 1;
      }
    }
    expect(thirds[0]).toBeLessThan(5);
    expect(thirds[1]).toBeGreaterThan(7);
    expect(thirds[2]).toBeGreaterThan(1.5 * (thirds[1] ?? 0));
  });
});
