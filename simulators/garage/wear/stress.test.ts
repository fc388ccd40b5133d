import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { afterAgeing, beginAgeing, sound } from './ageing.ts';
import { closesLaterMs } from './contactor.ts';
import { pressureDecayMpaH } from './hydraulics.ts';
import { afterWater, dryPit } from './pit.ts';
import { afterBending, fatiguedRope, freshRope, type RopeState } from './rope.ts';
import { byCurrentSquared, byLoadCubed, halvedPer10K, type Stress } from './stress.ts';

const stress = (load: number): Stress => ({ load, tempC: 40, ambientC: 20, humidityPct: 60, wetMm: 0 });

describe('stress', () => {
  it('doubles for insulation with every 10 K', () => {
    expect(halvedPer10K(52, 42) / halvedPer10K(42, 42)).toBeCloseTo(2, 9);
    expect(halvedPer10K(62, 42) / halvedPer10K(52, 42)).toBeCloseTo(2, 9);
  });

  it('goes with the third power of the load for bearings, with the second of the current for contacts', () => {
    expect(byLoadCubed(stress(1.2))).toBeCloseTo(1.728, 9);
    expect(byCurrentSquared(stress(1.2))).toBeCloseTo(1.44, 9);
  });

  it('wears nothing that has not begun', () => {
    expect(afterAgeing(sound(), 1_000)).toEqual(sound());
    expect(afterAgeing(beginAgeing(sound(), 10), 1).progress).toBeCloseTo(0.1, 9);
  });
});

describe('a contactor', () => {
  it('closes ever later, and bounces only when much is burnt off', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), (used) => {
        expect(closesLaterMs(used + 0.01)).toBeGreaterThan(closesLaterMs(used));
      }),
    );
    expect(closesLaterMs(0)).toBe(0);
    expect(closesLaterMs(1) - closesLaterMs(0.9)).toBeGreaterThan(
      3 * (closesLaterMs(0.2) - closesLaterMs(0.1)),
    );
  });
});

describe('a leaking seal', () => {
  it('loses pressure with the root of the pressure, and faster when the oil is hot', () => {
    const at = (leak: number, mpa: number, oilC: number): number => pressureDecayMpaH(0.05, leak, mpa, oilC);
    expect(at(0.5, 12, 40) / at(0.5, 3, 40)).toBeCloseTo(2, 9);
    expect(at(0.5, 12, 60)).toBeGreaterThan(1.4 * at(0.5, 12, 40));
    expect(at(0.6, 12, 40)).toBeGreaterThan(at(0.5, 12, 40));
    expect(at(0, 12, 40)).toBeLessThan(0.3);
  });
});

describe('the pit', () => {
  const runs = (wetMm: number, pumpMmS: number): { levelMm: number; longestS: number; runs: number } => {
    let pit = dryPit(30);
    let longestS = 0;
    let count = 0;
    for (let i = 0; i < 24 * 12 * 3; i++) {
      pit = afterWater(pit, 1 / 12, wetMm, pumpMmS);
      if (pit.ranS !== null) count += 1;
      longestS = Math.max(longestS, pit.ranS ?? 0);
    }
    return { levelMm: pit.levelMm, longestS, runs: count };
  };

  it('is pumped more often after rain, and as long each time', () => {
    const [dry, wet] = [runs(0, 1), runs(80, 1)];
    expect(wet.runs).toBeGreaterThan(5 * dry.runs);
    expect(wet.longestS).toBeLessThan(1.1 * dry.longestS);
    expect(wet.levelMm).toBeLessThan(80);
  });

  it('is pumped longer by a worn pump, and fills where the pump does not keep up', () => {
    expect(runs(10, 0.3).longestS).toBeGreaterThan(3 * runs(10, 1).longestS);
    expect(runs(100, 0.004).levelMm).toBeGreaterThan(150);
  });
});

describe('a rope', () => {
  const bent = (seed: number, cycles: number, life: number): RopeState => {
    const random = stream(seed, 'rope');
    let rope = fatiguedRope(freshRope(), life);
    for (let i = 0; i < cycles; i++) rope = afterBending(rope, 1, random);
    return rope;
  };
  const meanWires = (cycles: number): number =>
    Array.from({ length: 60 }, (_, seed) => bent(seed, cycles, 500).brokenWires).reduce((a, b) => a + b, 0) /
    60;

  it('breaks wires by chance, ever more of them, and gets thinner', () => {
    const [half, full] = [meanWires(250), meanWires(500)];
    expect(half).toBeGreaterThan(1);
    expect(full / half).toBeGreaterThan(3);
    expect(full).toBeGreaterThan(20);
    expect(full).toBeLessThan(28);
    expect(new Set([1, 2, 3, 4, 5].map((seed) => bent(seed, 400, 500).brokenWires)).size).toBeGreaterThan(1);
    expect(bent(1, 500, 500).diameterPct).toBeLessThan(92.5);
    expect(afterBending(freshRope(2, 99), 1, stream(1, 'r'))).toEqual(freshRope(2, 99));
  });
});
