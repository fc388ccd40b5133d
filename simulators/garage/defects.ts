import { pick } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import type { Bay } from './bay.ts';
import { bearingSeized, defectiveBearing, freshBearing } from './wear/bearing.ts';
import { BRAKE_FAILS_AT_MM, freshBrake, glazedBrake, slipFactor } from './wear/brake.ts';
import { CHAIN_FAILS_AT_PCT, dryChain, freshChain } from './wear/chain.ts';

/** A way in which a bay can wear: what starts it, what it ends in, what mends it. */
export interface Defect {
  readonly component: string;
  /** The codes that it may end in, likelier ones more often. */
  readonly codes: readonly string[];
  /** In which motion it fails. */
  readonly motion: 'lift' | 'lower';
  begin(bay: Bay, lifeCycles: number): void;
  failed(bay: Bay): boolean;
  mend(bay: Bay): void;
}

export const DEFECTS: Readonly<Record<string, Defect>> = {
  chain: {
    component: 'hoist',
    codes: ['G10', 'G10', 'G11', 'G06'],
    motion: 'lift',
    begin: (bay, lifeCycles) => {
      bay.chain = dryChain(bay.chain, lifeCycles);
    },
    failed: (bay) => bay.chain.elongationPct >= CHAIN_FAILS_AT_PCT,
    mend: (bay) => {
      bay.chain = freshChain();
    },
  },
  brake: {
    component: 'brake',
    codes: ['G22'],
    motion: 'lower',
    begin: (bay, lifeCycles) => {
      bay.brake = glazedBrake(bay.brake, lifeCycles);
    },
    failed: (bay) => bay.build.slipMm * slipFactor(bay.brake) >= BRAKE_FAILS_AT_MM,
    mend: (bay) => {
      bay.brake = freshBrake();
    },
  },
  bearing: {
    component: 'hoist',
    codes: ['G04'],
    motion: 'lift',
    begin: (bay, lifeCycles) => {
      bay.bearing = defectiveBearing(bay.bearing, lifeCycles);
    },
    failed: (bay) => bearingSeized(bay.bearing),
    mend: (bay) => {
      bay.bearing = freshBearing();
    },
  },
};

export const drawCode = (defect: Defect, random: Random): string => pick(random, defect.codes);

/** What the controller's display says with a code. */
export const DETAIL: Readonly<Record<string, string>> = {
  G04: 'hoist motor overload relay tripped while lifting',
  G06: 'upper position not reached in time',
  G10: 'slack-chain switch opened while lifting',
  G11: 'pallet tilted beyond the limit',
  G22: 'encoder moved while the brake was set',
};
