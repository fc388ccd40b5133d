import type { LogRecord } from '../log.ts';
import { decodeGroup } from './log.codec.ts';

/** A committed group as bytes; its records are decoded when the first reader wants them. */
export interface HeldGroup {
  readonly first: number;
  readonly count: number;
  readonly body: Uint8Array;
  records: readonly LogRecord[] | null;
}

export const heldGroup = (group: Omit<HeldGroup, 'records'>): HeldGroup => ({ ...group, records: null });

/** Adds the group's records from offset `from` on to `out`, up to `limit` in all. Returns the payload's share in bytes. */
export const takeRecords = (group: HeldGroup, from: number, limit: number, out: LogRecord[]): number => {
  group.records ??= decodeGroup(group.body);
  const start = Math.max(0, from - group.first);
  const end = Math.min(group.count, start + limit - out.length);
  for (let i = start; i < end; i++) out.push(group.records[i]!);
  return group.body.byteLength * ((end - start) / group.count);
};

/**
 * The newest groups, kept in memory so that readers who keep up never touch the disk. At most
 * `maxBytes` of groups, `maxRecords` of records; the oldest goes first.
 */
export interface Tail {
  readonly push: (group: HeldGroup) => void;
  /** Groups from the one that holds `offset` on; null where the tail does not reach back that far. */
  readonly from: (offset: number) => readonly HeldGroup[] | null;
  readonly dropBefore: (offset: number) => void;
}

const MAX_GROUPS = 2_048;
/** Groups handed out at once; the caller asks again. */
const SLICE = 64;

export const newTail = (maxBytes: number, maxRecords = 65_536): Tail => {
  const groups: HeldGroup[] = [];
  let bytes = 0;
  let records = 0;
  const dropFirst = (): void => {
    const group = groups.shift()!;
    bytes -= group.body.byteLength;
    records -= group.count;
  };
  const indexOf = (offset: number): number => {
    let low = 0;
    let high = groups.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const group = groups[middle]!;
      if (group.first + group.count <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    push: (group) => {
      groups.push(group);
      bytes += group.body.byteLength;
      records += group.count;
      while (groups.length > 0 && (bytes > maxBytes || records > maxRecords || groups.length > MAX_GROUPS))
        dropFirst();
    },
    from: (offset) => {
      const oldest = groups[0];
      if (!oldest || oldest.first > offset) return null;
      const index = indexOf(offset);
      return groups.slice(index, index + SLICE);
    },
    dropBefore: (offset) => {
      while (groups[0] && groups[0].first + groups[0].count <= offset) dropFirst();
    },
  };
};
