import type { ApplianceWear } from './kind.ts';

/** Part of its power that a heating element has lost when it breaks: it thins, its resistance rises. */
export const LOST_AT_BREAK = 0.32;

/** What a heater takes: power goes with the square of the voltage. */
export const heaterPowerW = (ratedW: number, supply: number, worn: number): number =>
  ratedW * supply ** 2 * (1 - LOST_AT_BREAK * worn);

/** The wear of every heating element; lives in uses. */
export const elementWear = (course: readonly [number, number], years: number): ApplianceWear => ({
  items: ['heater'],
  code: 'A08',
  detail: 'set temperature not reached',
  warning: 'W48',
  shape: 1.5,
  years,
  course,
});
