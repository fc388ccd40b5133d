/** Oil at 60 °C is about a third as viscous as at 40 °C (ISO VG 46): a gap lets through more when it is hot. */
const thinness = (oilC: number): number => Math.min(4, Math.max(0.3, 1.056 ** (oilC - 40)));

/**
 * How fast a closed cylinder loses pressure, MPa/h: Q ∝ √Δp through the gap of a seal, wider when hot.
 *
 * @param leak 0 tight … 1 as leaky as it can be
 */
export const pressureDecayMpaH = (
  tightMpaH: number,
  leak: number,
  pressureMpa: number,
  oilC: number,
): number => (tightMpaH + 0.9 * leak) * Math.sqrt(Math.max(0, pressureMpa) / 12) * thinness(oilC) ** 0.5;
