import { figure, unitWords } from '../../core/alert/words.ts';
import { say, t } from '../words/words.ts';

/** Figures of a value as people use them; big counts whole. */
export const amount = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 1_000 ? value.toLocaleString('en') : figure(value);

export const withUnit = (value: number, unit: string): string =>
  unit === '' ? amount(value) : `${amount(value)}\u00a0${unit}`;

/** A limit as people name it: "2 %", not "2.00 %". */
export const limitText = (value: number, unit: string): string => {
  const text = String(Number(figure(value)));
  return unit === '' ? text : `${text}\u00a0${unit}`;
};

/** "Bay 7" / 「7 号位」; the machine itself where no unit is named. */
export const unitName = (unit: string): string => (unit === '' ? t('equipment.whole') : say(unitWords(unit)));

/** bay2 before bay10; the machine itself first. */
export const byUnit = (one: string, two: string): number =>
  one.localeCompare(two, 'en', { numeric: true, sensitivity: 'base' });
