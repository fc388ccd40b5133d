/**
 * A small congruential generator whose state is a number of the detector's own state: which readings are kept as
 * examples is as good as chance, and the same again in a replay.
 */
export interface Chance {
  seed: number;
}

/** In [0, 1). */
export const draw = (chance: Chance): number => {
  chance.seed = (Math.imul(chance.seed, 1_664_525) + 1_013_904_223) >>> 0;
  return chance.seed / 4_294_967_296;
};
