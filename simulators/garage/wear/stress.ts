/** What one motion does to the parts that take part in it. */
export interface Stress {
  /** 1 = rated. */
  readonly load: number;
  /** Of the motor, or of the oil. */
  readonly tempC: number;
  readonly ambientC: number;
  readonly humidityPct: number;
  /** Rain of the last days that has not run off, mm. */
  readonly wetMm: number;
}

const bounded = (value: number): number => Math.min(4, Math.max(0.25, value));

/** Life of bearings goes with the third power of the load (ISO 281: L10 ∝ (C/P)³). */
export const byLoadCubed = ({ load }: Stress): number => load ** 3;
export const byLoad = ({ load }: Stress): number => load;
/** Joule's heat, and what an arc burns off a contact: by the square of the current. */
export const byCurrentSquared = ({ load }: Stress): number => load ** 2;
export const byCycle = (): number => 1;

/** Life halves with every 10 K above the temperature that it is rated at (Montsinger; Arrhenius near room temperature). */
export const halvedPer10K = (tempC: number, ratedC: number): number => bounded(2 ** ((tempC - ratedC) / 10));
export const byWindingHeat = ({ tempC }: Stress): number => halvedPer10K(tempC, 42);
export const byRoomHeat = ({ ambientC }: Stress): number => halvedPer10K(ambientC, 20);

/** Dust sticks where it is damp. */
export const byDamp = ({ humidityPct }: Stress): number => bounded(0.4 + humidityPct / 110);
/** A pump wears while it runs: after rain. */
export const byRain = ({ wetMm }: Stress): number => bounded(0.6 + wetMm / 20);
