import type { Audit, AuditEntry } from '../ledger.ts';
import { auditHash, canonicalJson, FIRST_HASH } from './audit-hash.ts';
import { take } from './counter.ts';
import { readRecord, storable } from './json.ts';
import { beforeNumber, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

const toEntry = (row: Row<'audit'>): AuditEntry & { readonly id: number; readonly hash: string } => ({
  ...row,
  detail: readRecord(row.detail),
});

const append = async (db: Scope['db'], entry: AuditEntry): Promise<void> => {
  // The counter's row is also the lock: two transactions cannot continue the chain from one entry.
  const id = await take(db, 'audit', 1);
  const previous = await db
    .selectFrom('audit')
    .select('hash')
    .where('id', '=', id - 1)
    .executeTakeFirst();
  if (!previous && id > 1) {
    throw new Error(`audit entry ${id - 1} is missing: the chain was cut; run \`precall verify\``);
  }
  // The hash must be of what is stored, and a refused client may have sent any text as its name.
  const kept = {
    id,
    atMs: entry.atMs,
    actor: storable(entry.actor),
    action: entry.action,
    subject: storable(entry.subject),
    detail: entry.detail,
  };
  const hash = auditHash(previous?.hash ?? FIRST_HASH, kept);
  await db
    .insertInto('audit')
    .values({ ...kept, detail: canonicalJson(kept.detail), hash })
    .execute();
};

export const audit = ({ db }: Scope): Audit => {
  // One after the other, also when a transaction adds several at once without awaiting each.
  let last: Promise<unknown> = Promise.resolve();
  return {
    add: (entry) => {
      const added = last.then(() => append(db, entry));
      last = added.catch(() => undefined);
      return added;
    },
    list: async (page) => {
      const limit = pageLimit(page);
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('id', '<', beforeNumber(page))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, (row) => [row.id], toEntry);
    },
  };
};
