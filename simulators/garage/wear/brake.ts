/**
 * A hoist brake. The lining wears as Archard says, ΔV = k · F · s / H: by the load at every stop. A worn, glazed
 * lining holds less torque; the pallet slips on before it stands, the further the closer torque comes to load.
 */
export interface BrakeState {
  readonly liningMm: number;
  /** mm of lining that one stop at rated load takes. */
  readonly rate: number;
  /** Whether heat or oil got at the lining, so that its torque fades as it wears. */
  readonly glazed: boolean;
}

const NEW_MM = 6;
const GONE_MM = 1;
/** So a sound lining lasts some 400,000 stops. */
const NATURAL_RATE = 1e-5;
/** Brakes are chosen to hold twice the load. */
const TORQUE_MARGIN = 2;
const FADE = 0.45;
/** The controller watches the encoder while the brake holds, and locks out here. */
export const BRAKE_FAILS_AT_MM = 14;
const SLIP_OF_A_GOOD_BRAKE_MM = 1.5;

export const freshBrake = (): BrakeState => ({ liningMm: NEW_MM, rate: NATURAL_RATE, glazed: false });

/** From now on the lining is eaten within `lifeCycles` stops at rated load. */
export const glazedBrake = (brake: BrakeState, lifeCycles: number): BrakeState => ({
  ...brake,
  glazed: true,
  rate: (brake.liningMm - GONE_MM) / lifeCycles,
});

/** One stop with this load (1 = rated). */
export const afterStop = (brake: BrakeState, load: number): BrakeState => ({
  ...brake,
  liningMm: Math.max(GONE_MM, brake.liningMm - brake.rate * load),
});

/** How much further than with a sound lining the pallet slips: a factor, 1 when sound. */
export const slipFactor = (brake: BrakeState): number => {
  if (!brake.glazed) return 1;
  const worn = (NEW_MM - brake.liningMm) / (NEW_MM - GONE_MM);
  const margin = TORQUE_MARGIN * (1 - FADE * worn);
  return (TORQUE_MARGIN - 1) / (margin - 1);
};

/** How much of the life of a glazed lining is used: 1 where even a good brake slips as far as the controller lets it. */
export const brakeShare = (brake: BrakeState): number => {
  if (!brake.glazed) return 0;
  const marginAtEnd = 1 + (SLIP_OF_A_GOOD_BRAKE_MM * (TORQUE_MARGIN - 1)) / BRAKE_FAILS_AT_MM;
  const wornAtEnd = (1 - marginAtEnd / TORQUE_MARGIN) / FADE;
  return Math.min(1, (NEW_MM - brake.liningMm) / (NEW_MM - GONE_MM) / wornAtEnd);
};
