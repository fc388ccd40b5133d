import { clearLine, cursorTo } from 'node:readline';
import type { Figures } from '../simulators/link/meter.ts';

/** Where progress is shown: stderr where stdout belongs to `--json`. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface Progress {
  /** `phase`: what is under way, where there is more than one thing. */
  show(figures: Figures, phase?: string): void;
  /** The live line stays as it is; what is printed next begins below it. */
  end(): void;
}

const BAR = 16;

const figure = (value: number | null): string => (value === null ? '–' : value.toFixed(value < 10 ? 1 : 0));

export const line = (figures: Figures, ratePerS: number): string =>
  [
    `${figures.acked} of ${figures.sent} acknowledged`,
    `${ratePerS.toFixed(0)}/s`,
    `p50 ${figure(figures.p50Ms)} ms`,
    `p99 ${figure(figures.p99Ms)} ms`,
    `${figures.connected} connected`,
    `${figures.reconnects} reconnects`,
    `${figures.errors + figures.dropped} errors`,
  ].join(' · ');

const seconds = (ms: number): string => `${Math.round(ms / 1000)}s`;

/** How much of the time has passed: `[####------------] 15s/60s`; without a bar where no end is set. */
export const barOf = (elapsedMs: number, totalMs: number | null): string => {
  if (totalMs === null) return seconds(elapsedMs);
  const full = Math.round(BAR * Math.min(1, elapsedMs / totalMs));
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${seconds(Math.min(elapsedMs, totalMs))}/${seconds(totalMs)}`;
};

/** A terminal gets one line that is written over, anything else a line each time. The rate is of the time between two. */
export const createProgress = (screen: Screen, totalMs: number | null, monotonic: () => number): Progress => {
  let startMs: number | null = null;
  let before = { acked: 0, atMs: monotonic() };
  let isOpen = false;

  const write = (text: string): void => {
    if (!screen.isTTY) {
      screen.write(`${text}\n`);
      return;
    }
    cursorTo(screen, 0);
    // A line that wraps could not be written over.
    screen.write(text.slice(0, Math.max(20, (screen.columns ?? 80) - 1)));
    clearLine(screen, 1);
    isOpen = true;
  };

  return {
    show: (figures, phase) => {
      const nowMs = monotonic();
      const ratePerS = ((figures.acked - before.acked) * 1000) / Math.max(1, nowMs - before.atMs);
      before = { acked: figures.acked, atMs: nowMs };
      // Connecting and telling the past do not belong to the time that was asked for.
      if (figures.sent > 0 && phase !== 'past') startMs ??= nowMs;
      const passed = startMs === null ? '' : `${barOf(nowMs - startMs, totalMs)} · `;
      const why = figures.connected === 0 && figures.lastError ? ` · ${figures.lastError}` : '';
      write(`${phase ? `${phase}: ` : ''}${passed}${line(figures, ratePerS)}${why}`);
    },
    end: () => {
      if (isOpen) screen.write('\n');
      isOpen = false;
    },
  };
};
