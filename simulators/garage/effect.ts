/** What wear does to the signals of one motion: factors are 1 and additions 0 where nothing is worn. */
export interface Effects {
  /** Extra torque, as a part of the torque that the load needs. */
  friction: number;
  /** Factor on the motor's current, and on its inrush. */
  current: number;
  inrush: number;
  /** °C in the winding. */
  heatC: number;
  vibration: number;
  /** Part of the tension that the slacker side still carries. */
  tension: number;
  skewMm: number;
  overtravelMm: number;
  /** Factor on the time of a motion. */
  time: number;
  slip: number;
  brakeReleaseMs: number;
  traverse: number;
  hookReleaseMs: number;
  hookEngageMs: number;
  contactorMs: number;
  switchMs: number;
  positionMm: number;
  photoEye: number;
  /** % of confidence that is lost. */
  doubtPct: number;
  door: number;
  turntable: number;
  /** 0 tight … 1 as leaky as it can be. */
  leak: number;
  /** Part of the pressure that is lost. */
  pressure: number;
  oilC: number;
  /** Part of the pit pump's capacity that is left. */
  pitPump: number;
  imbalancePct: number;
  /** V that the 24 V supply has lost. */
  controlV: number;
  linkPct: number;
  driveC: number;
  ripple: number;
  lowerPct: number;
  elongationPct: number;
  brokenWires: number;
  diameterPct: number;
  liningMm: number;
}

export const noEffects = (): Effects => ({
  friction: 0,
  current: 1,
  inrush: 1,
  heatC: 0,
  vibration: 1,
  tension: 1,
  skewMm: 0,
  overtravelMm: 0,
  time: 1,
  slip: 1,
  brakeReleaseMs: 0,
  traverse: 1,
  hookReleaseMs: 0,
  hookEngageMs: 0,
  contactorMs: 0,
  switchMs: 0,
  positionMm: 0,
  photoEye: 1,
  doubtPct: 0,
  door: 1,
  turntable: 1,
  leak: 0,
  pressure: 0,
  oilC: 0,
  pitPump: 1,
  imbalancePct: 0,
  controlV: 0,
  linkPct: 0,
  driveC: 0,
  ripple: 1,
  lowerPct: 0,
  elongationPct: 0,
  brokenWires: 0,
  diameterPct: 0,
  liningMm: 0,
});
