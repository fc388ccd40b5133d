const SECOND_MS = 1_000;
const UNITS_MS = {
  w: 7 * 86_400 * SECOND_MS,
  d: 86_400 * SECOND_MS,
  h: 3_600 * SECOND_MS,
  m: 60 * SECOND_MS,
  s: SECOND_MS,
  ms: 1,
} as const;
type Unit = keyof typeof UNITS_MS;

const PART = /(\d+(?:\.\d+)?)\s*(ms|w|d|h|min|m|s)\s*/y;

/** `90s`, `14d`, `1h 30m`, `1.5h` in ms; null where it is no such thing, or no whole number of ms. */
export const durationMs = (text: string): number | null => {
  let ms = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (!part) return null;
    const unit = part[2] === 'min' ? 'm' : (part[2] as Unit);
    ms += Number(part[1]) * UNITS_MS[unit];
    at = PART.lastIndex;
  }
  return text !== '' && Number.isSafeInteger(ms) ? ms : null;
};

/** As short as it can be said exactly: in one unit where that gives a small number, else in several. */
export const durationText = (ms: number): string => {
  for (const [unit, size] of Object.entries(UNITS_MS).slice(1))
    if (ms >= size && ms % size === 0 && ms / size < 1_000) return `${ms / size}${unit}`;
  let left = ms;
  const parts = Object.entries(UNITS_MS).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('') || '0s';
};
