import { clearLine, cursorTo } from 'node:readline';

export interface DetectProgress {
  /** To be called as rows pass; writes a few times a second at most. */
  show(rows: number, part: number | null): void;
  end(rows: number): void;
}

type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const EVERY_MS = 200;
const BAR = 24;

/** `[######------] 50 % · 1.2 M rows · 310 k rows/s`; `part` in [0, 1], null where nobody knows how much will come. */
export const progressLine = (rows: number, part: number | null, elapsedMs: number): string => {
  const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
  const full = Math.round(BAR * Math.min(1, part ?? 0));
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${Math.floor(100 * Math.min(1, part ?? 0))} % · `;
  const rate = short.format((rows * 1_000) / Math.max(1, elapsedMs));
  return `${part === null ? '' : bar}${short.format(rows)} rows · ${rate} rows/s`;
};

/** Progress on a terminal, on stderr: silent where nobody looks, or where the rows themselves go to that terminal. */
export const newDetectProgress = (screen: Screen, isShown: boolean, now: () => number): DetectProgress => {
  const startMs = now();
  let shownMs = startMs;
  const write = (text: string): void => {
    cursorTo(screen, 0);
    screen.write(text.slice(0, Math.max(20, (screen.columns ?? 80) - 1)));
    clearLine(screen, 1);
  };
  return {
    show: (rows, part) => {
      const nowMs = now();
      if (!isShown || nowMs - shownMs < EVERY_MS) return;
      shownMs = nowMs;
      write(progressLine(rows, part, nowMs - startMs));
    },
    end: (rows) => {
      if (!isShown) return;
      write(progressLine(rows, 1, now() - startMs));
      screen.write('\n');
    },
  };
};
