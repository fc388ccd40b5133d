import type { DatabaseSync } from 'node:sqlite';
import { decodeGroup, groupDamage } from './log.codec.ts';

export interface LogVerdict {
  readonly records: number;
  /** The first group that does not hold, or null. */
  readonly damage: { readonly offset: number; readonly reason: string } | null;
}

interface Group {
  readonly first: number;
  readonly count: number;
  readonly body: Uint8Array;
}

const undecodable = ({ body, count }: Group): string | null => {
  try {
    const { length } = decodeGroup(body);
    return length === count ? null : `it holds ${length} records, not ${count}`;
  } catch (cause) {
    return (cause as Error).message;
  }
};

/** Unpacks every group. Offsets may be left out (a disk that was full), but none may be there twice. */
export const verifyLog = (db: DatabaseSync): LogVerdict => {
  let records = 0;
  let next = 0;
  const groups = db.prepare('SELECT first, count, body FROM groups ORDER BY first').iterate();
  for (const group of groups as Iterable<unknown> as Iterable<Group>) {
    const { first, count, body } = group;
    const reason =
      first < next
        ? `the group before it ends at ${next - 1}`
        : (groupDamage(body, first) ?? undecodable(group));
    if (reason !== null) return { records, damage: { offset: first, reason } };
    records += count;
    next = first + count;
  }
  return { records, damage: null };
};
