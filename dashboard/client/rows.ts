import { useState } from 'preact/hooks';
import type { Resource } from './resource.ts';

const PAGE_ROWS = 50;
/** More rows than this tell nothing that counts and filters don't. */
export const MAX_ROWS = 500;

export interface Rows {
  /** So many are asked for. */
  readonly rows: number;
  /** Loads one more page; null where there is none, or enough is shown. */
  readonly more: (
    list: Pick<Resource<{ readonly next: string | null }>, 'value' | 'reload'>,
  ) => (() => void) | null;
}

/** A list that grows by a page when asked to, and is read anew whole: what is on screen is one answer. */
export const useRows = (): Rows => {
  const [rows, setRows] = useState(PAGE_ROWS);
  return {
    rows,
    more: ({ value, reload }) =>
      value !== null && value.next !== null && rows < MAX_ROWS
        ? () => {
            setRows((before) => Math.min(MAX_ROWS, before + PAGE_ROWS));
            reload();
          }
        : null,
  };
};
