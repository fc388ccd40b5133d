import type { AuditEntry, LedgerNouns } from '../ledger.ts';
import { auditHash, FIRST_HASH } from './audit-hash.ts';

type Entry = AuditEntry & { readonly id: number; readonly hash: string };

export type AuditVerdict =
  | {
      readonly ok: true;
      readonly entries: number;
      /** Hash of the newest entry: kept elsewhere, it also shows when the end of the chain was cut off. */
      readonly head: string;
    }
  | {
      readonly ok: false;
      readonly id: number;
      readonly reason: 'changed' | 'missing';
      readonly detail: string;
    };

const check = (entry: Entry, previous: Entry | null): AuditVerdict | null => {
  if (previous === null ? entry.id !== 1 : previous.id !== entry.id - 1) {
    const id = entry.id - 1;
    return { ok: false, id, reason: 'missing', detail: `audit entry ${id} is missing` };
  }
  if (auditHash(previous?.hash ?? FIRST_HASH, entry) === entry.hash) return null;
  const detail = `audit entry ${entry.id}, or the hash of the one before it, was changed after it was written`;
  return { ok: false, id: entry.id, reason: 'changed', detail };
};

/** Walks the whole chain, newest entry first, and stops at the first one that does not hold. */
export const verifyAudit = async (
  ledger: Pick<LedgerNouns, 'audit'>,
  pageSize = 1_000,
): Promise<AuditVerdict> => {
  let next: Entry | null = null;
  let head = FIRST_HASH;
  let entries = 0;
  let cursor: string | undefined;
  do {
    const page = await ledger.audit.list({ limit: pageSize, cursor });
    for (const entry of page.rows) {
      const broken = next && check(next, entry);
      if (broken) return broken;
      if (next === null) head = entry.hash;
      next = entry;
      entries += 1;
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return (next && check(next, null)) ?? { ok: true, entries, head };
};

export interface AuditChain {
  /** The next entry, oldest first. What is wrong with it, or null. */
  next(entry: Entry): AuditVerdict | null;
  /** After the last one; `taken` is the newest number that was ever given. */
  end(taken: number): AuditVerdict;
}

/** The chain walked from its begin: what it names is the first entry that does not hold. */
export const auditChain = (): AuditChain => {
  let previous: Entry | null = null;
  let entries = 0;
  const missing = (id: number): AuditVerdict => ({
    ...{ ok: false, id, reason: 'missing' },
    detail: `audit entry ${id} is missing`,
  });
  return {
    next: (entry) => {
      const id: number = (previous?.id ?? 0) + 1;
      if (entry.id !== id) return missing(id);
      const broken = check(entry, previous);
      previous = entry;
      entries += 1;
      return broken;
    },
    end: (taken) => {
      const last = previous?.id ?? 0;
      return last < taken ? missing(last + 1) : { ok: true, entries, head: previous?.hash ?? FIRST_HASH };
    },
  };
};
