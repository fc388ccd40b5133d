import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import {
  afterTurning,
  bearingSeized,
  defectiveBearing,
  defectOnsetCycles,
  freshBearing,
  vibrationFactor,
} from './bearing.ts';
import { afterStop, BRAKE_FAILS_AT_MM, freshBrake, glazedBrake, slipFactor } from './brake.ts';
import {
  afterLift,
  CHAIN_FAILS_AT_PCT,
  type ChainState,
  chainFriction,
  dryChain,
  freshChain,
} from './chain.ts';

const times = <S>(count: number, state: S, next: (state: S) => S): S => {
  let now = state;
  for (let i = 0; i < count; i++) now = next(now);
  return now;
};

const lifts = (chain: ChainState, count: number, load = 1): ChainState =>
  times(count, chain, (state) => afterLift(state, load));

describe('chain', () => {
  it('that is oiled stays far from its limit for a year of rush', () => {
    const chain = lifts(freshChain(), 20_000);
    expect(chain.elongationPct).toBeLessThan(0.5);
    expect(chainFriction(chain)).toBe(0);
  });

  it('beds in: the first cycles lengthen it more than later ones', () => {
    const first = lifts(freshChain(), 100).elongationPct;
    const later = lifts(freshChain(0, 5_000), 100).elongationPct;
    expect(first).toBeGreaterThan(2 * later);
  });

  it.each([60, 250, 4_000])('that is dry fails after about %i lifts at rated load', (life) => {
    const chain = dryChain(freshChain(0.3), life);
    expect(lifts(chain, Math.floor(life * 0.9)).elongationPct).toBeLessThan(CHAIN_FAILS_AT_PCT);
    expect(lifts(chain, Math.ceil(life * 1.1)).elongationPct).toBeGreaterThan(CHAIN_FAILS_AT_PCT);
  });

  it('wears faster under more load, and rubs before it is long', () => {
    const dry = dryChain(freshChain(), 250);
    expect(lifts(dry, 100, 1.1).elongationPct).toBeGreaterThan(lifts(dry, 100, 0.9).elongationPct);
    const early = lifts(dry, 50);
    expect(chainFriction(early)).toBeGreaterThan(0.5);
    expect(early.elongationPct).toBeLessThan(0.5);
  });
});

describe('brake', () => {
  it('wears by load and stops, and slips further only when glazed', () => {
    expect(slipFactor(times(20_000, freshBrake(), (brake) => afterStop(brake, 1)))).toBe(1);
    const glazed = glazedBrake(freshBrake(), 200);
    const slips = [0, 50, 100, 150, 190].map((stops) =>
      slipFactor(times(stops, glazed, (b) => afterStop(b, 1))),
    );
    expect(slips).toEqual([...slips].sort((a, b) => a - b));
    expect(slips[0]).toBe(1);
    // A bay's own slip is 1.3 to 1.8 mm.
    expect(1.3 * (slips.at(-1) ?? 0)).toBeGreaterThan(BRAKE_FAILS_AT_MM * 0.6);
    expect(slipFactor(times(400, glazed, (b) => afterStop(b, 1)))).toBeLessThan(15);
  });
});

describe('bearing', () => {
  it('is silent while sound, then shakes exponentially until it seizes', () => {
    expect(vibrationFactor(times(50_000, freshBearing(), (bearing) => afterTurning(bearing, 1)))).toBe(1);
    const defect = defectiveBearing(freshBearing(), 100);
    const at = (turns: number): number => vibrationFactor(times(turns, defect, (b) => afterTurning(b, 1)));
    expect(at(50) / at(25)).toBeCloseTo(at(75) / at(50), 6);
    expect(bearingSeized(times(90, defect, (b) => afterTurning(b, 1)))).toBe(false);
    expect(bearingSeized(times(101, defect, (b) => afterTurning(b, 1)))).toBe(true);
  });

  it('gets its defect after L10 in 90 of 100 cases, and sooner under load', () => {
    const random = stream(1, 'life');
    const lives = Array.from({ length: 10_000 }, () => defectOnsetCycles(random, 60_000, 1));
    expect(lives.filter((life) => life < 60_000).length / lives.length).toBeCloseTo(0.1, 1);
    expect(defectOnsetCycles(stream(2, 'a'), 60_000, 2)).toBeCloseTo(
      defectOnsetCycles(stream(2, 'a'), 60_000, 1) / 8,
    );
  });
});
