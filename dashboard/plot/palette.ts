import { signal } from '@preact/signals';

/** Colours of a canvas, read from tokens.css: a canvas knows no custom properties. */
export interface Palette {
  readonly line: string;
  /** The line of values that are no longer how it is. */
  readonly faded: string;
  readonly band: string;
  readonly hatch: string;
  readonly grid: string;
  readonly text: string;
  readonly edge: string;
  readonly state: Readonly<Record<MarkState, string>>;
  readonly font: string;
}
export type MarkState = 'normal' | 'watch' | 'due' | 'down' | 'unknown';

/** Grows when the device changes between light and dark: plots draw again. */
export const theme = signal(0);

let cached: Palette | null = null;

const read = (): Palette => {
  const style = getComputedStyle(document.documentElement);
  const of = (token: string): string => style.getPropertyValue(`--${token}`).trim();
  return {
    line: of('plot-line'),
    faded: of('plot-faded'),
    band: of('plot-band'),
    hatch: of('plot-hatch'),
    grid: of('plot-grid'),
    text: of('ink-3'),
    edge: of('line-strong'),
    state: {
      normal: of('normal-fill'),
      watch: of('watch-fill'),
      due: of('due-fill'),
      down: of('down-fill'),
      unknown: of('unknown-fill'),
    },
    font: `12px ${of('type')}`,
  };
};

export const palette = (): Palette => {
  cached ??= read();
  return cached;
};

export const startPalette = (): void => {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    cached = null;
    theme.value += 1;
  });
};
