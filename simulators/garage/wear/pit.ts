/** Water in the pit between two looks at it. The pump runs from one float switch to the other. */
export interface PitState {
  readonly levelMm: number;
  /** Seconds that the last run of the pump took; null: it has not run since the last look. */
  readonly ranS: number | null;
}

const OFF_MM = 20;
const ON_MM = 60;
/** The seepage of a dry week, mm/h, and what each mm of standing rain adds. */
const SEEPAGE_MM_H = 1.2;
const PER_WET_MM = 0.35;
const FLOODED_MM = 400;
/** One run never takes longer: the motor's own protection ends it. */
const LONGEST_S = 1_800;

export const dryPit = (levelMm: number): PitState => ({ levelMm, ranS: null });

/** @param pumpMmS how fast a run empties the pit, mm/s */
export const afterWater = (pit: PitState, hours: number, wetMm: number, pumpMmS: number): PitState => {
  const inflowMmS = (SEEPAGE_MM_H + PER_WET_MM * wetMm) / 3_600;
  const filled = pit.levelMm + inflowMmS * hours * 3_600;
  if (filled < ON_MM) return { levelMm: filled, ranS: null };
  const netMmS = pumpMmS - inflowMmS;
  if (netMmS <= 0)
    return { levelMm: Math.min(FLOODED_MM, filled - 0.5 * pumpMmS * hours * 3_600), ranS: LONGEST_S };
  const ranS = Math.min(LONGEST_S, (ON_MM - OFF_MM) / netMmS);
  return { levelMm: Math.max(OFF_MM, Math.min(FLOODED_MM, filled) - netMmS * ranS), ranS };
};
