import { poisson, uniform } from '../../random/draw.ts';
import {
  afterTurning,
  type BearingState,
  bearingDrag,
  bearingHeatC,
  defectiveBearing,
  freshBearing,
  vibrationFactor,
} from '../wear/bearing.ts';
import {
  afterStop,
  type BrakeState,
  brakeShare,
  freshBrake,
  glazedBrake,
  slipFactor,
} from '../wear/brake.ts';
import {
  afterLift,
  CHAIN_FAILS_AT_PCT,
  type ChainState,
  chainFriction,
  chainSkewMm,
  dryChain,
  freshChain,
  tensionShare,
} from '../wear/chain.ts';
import { afterBending, fatiguedRope, freshRope, type RopeState } from '../wear/rope.ts';
import { byCycle, byLoad, byWindingHeat } from '../wear/stress.ts';
import { ageing } from './ageing.ts';
import { type AnyDefect, hidden } from './defect.ts';

const chainOf = (codes: readonly string[]): AnyDefect =>
  hidden<ChainState>({
    component: 'hoist',
    codes,
    precursor: 'W04',
    wearsIn: 'up',
    fresh: (random, aged) =>
      aged
        ? freshChain(uniform(random, 0.1, 0.35), Math.round(uniform(random, 5_000, 20_000)))
        : freshChain(),
    begin: dryChain,
    after: (state, { load }) => afterLift(state, load),
    share: (state) =>
      state.dryingPerCycle === 0 ? 0 : Math.min(1, state.elongationPct / CHAIN_FAILS_AT_PCT),
    affect: (state, effects) => {
      effects.friction += chainFriction(state);
      effects.skewMm += chainSkewMm(state);
      effects.tension *= tensionShare(state);
      effects.elongationPct = state.elongationPct;
    },
  });

/** An oiled chain that runs dry. */
export const chain = chainOf(['G10', 'G10', 'G11', 'G06']);

/** The leaf chain of a hydraulic lift: when it is long the ram is at its end before the platform is up. */
export const leafChain = chainOf(['G10', 'G11', 'G06', 'G09']);

export const rope = hidden<RopeState>({
  component: 'hoist',
  codes: ['G32', 'G32', 'G10', 'G11', 'G06'],
  precursor: 'W04',
  wearsIn: 'up',
  fresh: (random, aged) =>
    aged ? freshRope(poisson(random, 0.6), 100 - uniform(random, 0.5, 2)) : freshRope(),
  begin: fatiguedRope,
  after: (state, { load }, part, random) => afterBending(state, part * load, random),
  share: ({ progress }) => progress,
  affect: (state, effects) => {
    effects.brokenWires = state.brokenWires;
    effects.diameterPct = state.diameterPct;
    effects.skewMm += 11 * state.progress ** 1.4;
    effects.friction += 0.22 * state.progress ** 1.5;
    effects.vibration *= 1 + 0.8 * state.progress ** 2;
  },
});

export const bearing = hidden<BearingState>({
  component: 'hoist',
  codes: ['G04'],
  precursor: 'W04',
  wearsIn: 'up',
  fresh: freshBearing,
  begin: defectiveBearing,
  after: (state, { load }) => afterTurning(state, load),
  share: ({ progress }) => progress,
  affect: (state, effects) => {
    if (state.progress === 0) return;
    effects.friction += bearingDrag(state);
    effects.vibration *= vibrationFactor(state);
    effects.heatC += bearingHeatC(state);
  },
});

/** Turns short one after the other: the motor draws more for the same torque, and gets hot. */
export const insulation = ageing({
  component: 'hoist',
  codes: ['G04'],
  precursor: 'W04',
  wearsIn: 'up',
  stress: byWindingHeat,
  affect: (used, effects) => {
    effects.current *= 1 + 0.24 * used ** 1.5;
    effects.inrush *= 1 + 0.3 * used;
    effects.heatC += 48 * used ** 1.5;
  },
});

/** The coupling between motor and drum gets play: the pallet runs on beyond its landing. */
export const coupling = ageing({
  component: 'hoist',
  codes: ['G09'],
  precursor: 'W04',
  wearsIn: 'up',
  stress: byLoad,
  affect: (used, effects) => {
    effects.overtravelMm += 23 * used ** 1.4;
  },
});

export const brake = hidden<BrakeState>({
  component: 'brake',
  codes: ['G22'],
  precursor: 'W22',
  wearsIn: 'down',
  fresh: freshBrake,
  begin: glazedBrake,
  after: (state, { load }) => afterStop(state, load),
  share: brakeShare,
  affect: (state, effects) => {
    effects.slip *= slipFactor(state);
    effects.liningMm = state.liningMm;
  },
});

/** The coil or its rectifier weakens: the brake opens late, and the motor starts against it. */
export const brakeCoil = ageing({
  component: 'brake',
  codes: ['G21'],
  precursor: 'W22',
  wearsIn: 'up',
  stress: byCycle,
  affect: (used, effects) => {
    effects.brakeReleaseMs += 270 * used ** 1.3;
    effects.inrush *= 1 + 0.3 * used ** 1.3;
  },
});

/** Rollers and rail. */
export const wheel = ageing({
  component: 'traverse',
  codes: ['G05', 'G07'],
  precursor: 'W05',
  stress: byLoad,
  affect: (used, effects) => {
    effects.traverse *= 1 + 0.48 * used ** 1.2;
  },
});

export const hookSolenoid = ageing({
  component: 'hook',
  codes: ['G12'],
  precursor: 'W12',
  stress: byCycle,
  affect: (used, effects) => {
    effects.hookReleaseMs += 330 * used ** 1.4;
  },
});

export const hookSpring = ageing({
  component: 'hook',
  codes: ['G13'],
  precursor: 'W12',
  stress: byCycle,
  affect: (used, effects) => {
    effects.hookEngageMs += 330 * used ** 1.4;
  },
});
