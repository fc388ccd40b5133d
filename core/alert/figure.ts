import type { Words } from '../fault/catalogue.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A value with as many figures as people can use. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
};

/** How long, in the largest unit that people can feel: minutes, hours or days. */
export const duration = (ms: number): { readonly amount: number; readonly words: Words } => {
  const [unitMs, en, zh] =
    ms >= 2 * DAY_MS
      ? ([DAY_MS, 'days', '天'] as const)
      : ms >= 2 * HOUR_MS
        ? ([HOUR_MS, 'hours', '小时'] as const)
        : ([MINUTE_MS, 'minutes', '分钟'] as const);
  const amount = Math.max(1, Math.round(ms / unitMs));
  return { amount, words: { en: `${amount} ${amount === 1 ? en.slice(0, -1) : en}`, zh: `${amount} ${zh}` } };
};
