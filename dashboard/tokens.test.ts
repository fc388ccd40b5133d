import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const dark = css.indexOf('@media (prefers-color-scheme: dark)');

const tokens = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));

const THEMES = {
  light: tokens(css.slice(0, dark)),
  dark: tokens(css.slice(dark)),
} as const;

/** Relative luminance and contrast as in WCAG 2.2. */
const luminance = (hex: string): number => {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one: string, two: string): number => {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

const STATES = ['normal', 'watch', 'due', 'down', 'unknown'] as const;

describe.each(Object.entries(THEMES))('%s theme', (_name, theme) => {
  const of = (token: string): string => {
    const value = theme.get(token);
    if (value === undefined) throw new Error(`tokens.css: --${token} is missing in this theme`);
    return value;
  };

  test.each([
    ...['ink', 'ink-2', 'ink-3'].flatMap((ink) =>
      ['ground', 'surface', 'sunken'].map((ground) => [ink, ground] as const),
    ),
    ...STATES.flatMap((state) =>
      ['ground', 'surface', `${state}-wash`].map((ground) => [`${state}-ink`, ground] as const),
    ),
    ['on-accent', 'accent'],
    ['accent', 'surface'],
    ['accent', 'ground'],
    ['accent-strong', 'accent-wash'],
  ] as const)('text %s on %s can be read (4.5 : 1)', (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each([...STATES.map((state) => `${state}-fill`), 'plot-line', 'line-strong'])(
    'shape %s is seen on the surface (2.5 : 1; its word carries the rest)',
    (fill) => expect(contrast(of(fill), of('surface'))).toBeGreaterThanOrEqual(2.5),
  );
});
