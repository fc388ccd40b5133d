/**
 * A hoist chain. Joints lengthen with load and cycles, the faster the drier: Δε = k · load / lubrication, and a
 * little more while the joints bed in. A dry chain also rubs, which the motor feels long before the length tells.
 */
export interface ChainState {
  /** 1 well oiled … 0 dry. */
  readonly lubrication: number;
  /** Part of the lubrication lost in one cycle at rated load; 0 where it is looked after. */
  readonly dryingPerCycle: number;
  /** Elongation in % that one cycle at rated load and full lubrication adds. */
  readonly rate: number;
  readonly elongationPct: number;
  readonly cycles: number;
}

/** Beyond this length the slack-chain switch opens, a joint jumps or the pallet tilts. */
export const CHAIN_FAILS_AT_PCT = 3;
/** So a chain that is oiled as it should be reaches 2 %, its discard limit, after some 200,000 cycles. */
const NATURAL_RATE = 1e-5;
/** Even a dry joint keeps some grease: without it wear would be infinite. */
const RESIDUAL = 0.1;
/** How often the lubrication falls to 1/e within the life of a drying chain. */
const DRYING_SPANS = 4;
const BREAK_IN_EXTRA = 2;
const BREAK_IN_CYCLES = 300;
const DRY_FRICTION = 2;

export const freshChain = (elongationPct = 0, cycles = 0): ChainState => ({
  lubrication: 1,
  dryingPerCycle: 0,
  rate: NATURAL_RATE,
  elongationPct,
  cycles,
});

/** Lubrication is lost from now on; `rate` is what makes the chain fail after `lifeCycles` at rated load. */
export const dryChain = (chain: ChainState, lifeCycles: number): ChainState => {
  // ∫ du / (e^-u + r) over the spans, in closed form: how much faster than oiled the whole life wears.
  const severity = Math.log((1 + RESIDUAL * Math.exp(DRYING_SPANS)) / (1 + RESIDUAL)) / RESIDUAL;
  return {
    ...chain,
    dryingPerCycle: DRYING_SPANS / lifeCycles,
    rate: ((CHAIN_FAILS_AT_PCT - chain.elongationPct) * DRYING_SPANS) / (severity * lifeCycles),
  };
};

/** One lift with this load (1 = rated). */
export const afterLift = (chain: ChainState, load: number): ChainState => {
  const breakIn = 1 + BREAK_IN_EXTRA * Math.exp(-chain.cycles / BREAK_IN_CYCLES);
  const bedding = chain.dryingPerCycle > 0 ? 1 : breakIn;
  return {
    ...chain,
    lubrication: chain.lubrication * Math.exp(-chain.dryingPerCycle * load),
    elongationPct: chain.elongationPct + (chain.rate * load * bedding) / (chain.lubrication + RESIDUAL),
    cycles: chain.cycles + 1,
  };
};

/** Extra torque by friction, as a part of the torque that the load needs. */
export const chainFriction = (chain: ChainState): number => DRY_FRICTION * (1 - chain.lubrication);

/** Left and right never wear alike: how far apart they are, mm. Invisible up to 0.5 %. */
export const chainSkewMm = (chain: ChainState): number => 5.2 * Math.max(0, chain.elongationPct - 0.5);

/** Part of the tension that the slacker chain still carries. */
export const tensionShare = (chain: ChainState): number => 1 - 0.12 * Math.max(0, chain.elongationPct - 0.5);
