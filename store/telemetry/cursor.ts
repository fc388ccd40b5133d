/** Rows of one answer. */
export const MAX_LIMIT = 50_000;

/**
 * Where a page ended: the row's own place, so that rows written meanwhile neither shift nor repeat any.
 * `nth` tells apart rows of the same time, unit and number.
 */
export interface Place {
  readonly ts: number;
  readonly unit: string;
  readonly seq: number;
  readonly nth: number;
}

export const comparePlaces = (a: Place, b: Place): number =>
  a.ts - b.ts || (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : 0) || a.seq - b.seq || a.nth - b.nth;

export const encodeCursor = ({ ts, unit, seq, nth }: Place): string =>
  Buffer.from(JSON.stringify([ts, unit, seq, nth])).toString('base64url');

/** @throws RangeError when it is none of these */
export const decodeCursor = (cursor: string): Place => {
  try {
    const [ts, unit, seq, nth] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof unit === 'string' && [ts, seq, nth].every(Number.isSafeInteger))
      return { ts, unit, seq, nth } as Place;
  } catch {
    // Named below.
  }
  throw new RangeError('the cursor is none of this list: leave it out to start at the beginning');
};
