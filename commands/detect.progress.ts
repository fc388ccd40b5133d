import { clearLine, cursorTo } from 'node:readline';

/** Where progress is shown: never where the rows go. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface FileProgress {
  /** Called for every row; `read` of `total` bytes of the file are read. */
  row(read: number, total: number): void;
  end(): void;
}

const BAR = 24;
/** A row costs some µs, a line on a screen much more. */
const ROWS_BETWEEN = 5_000;

/** `[######------------------] 25 % · 15000 rows` */
export const progressLine = (read: number, total: number, rows: number): string => {
  const part = total > 0 ? Math.min(1, read / total) : 1;
  const full = Math.round(BAR * part);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${Math.floor(100 * part)} % \u00b7 ${rows} rows`;
};

/** One line that is written over, on a terminal; elsewhere nothing. */
export const fileProgress = (screen: Screen, rowsBetween = ROWS_BETWEEN): FileProgress => {
  let rows = 0;
  let isOpen = false;
  return {
    row: (read, total) => {
      rows += 1;
      if (!screen.isTTY || rows % rowsBetween !== 0) return;
      cursorTo(screen, 0);
      screen.write(progressLine(read, total, rows));
      clearLine(screen, 1);
      isOpen = true;
    },
    end: () => {
      if (!isOpen) return;
      cursorTo(screen, 0);
      clearLine(screen, 0);
      isOpen = false;
    },
  };
};
