import type { LocalTime } from './local.ts';

/** Peaks at 15 h and in late July; -1 … 1. */
const daily = (time: LocalTime): number => Math.cos(((time.hour - 15) / 24) * 2 * Math.PI);
const yearly = (time: LocalTime): number => Math.cos((time.year - 0.56) * 2 * Math.PI);

/** °C in a garage below ground: the earth around it evens out day and night. */
export const garageAmbientC = (time: LocalTime): number => 19 + 6 * yearly(time) + 1.2 * daily(time);

/** °C in a lived-in, heated and cooled room. */
export const roomAmbientC = (time: LocalTime): number => 23 + 2 * yearly(time) + 1 * daily(time);
