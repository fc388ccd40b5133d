import type { Idempotency } from '../ledger.ts';
import type { Scope } from './schema.ts';

const KEPT_MS = 24 * 60 * 60_000;
/** However fast a script posts, the newest answers are kept and no more. */
const KEPT_ROWS = 100_000;

export const idempotency = ({ db, clock }: Scope): Idempotency => ({
  get: async (actor, key) => {
    const row = await db
      .selectFrom('idempotency')
      .select(['request', 'status', 'body'])
      .where('actor', '=', actor)
      .where('key', '=', key)
      .where('atMs', '>', clock() - KEPT_MS)
      .executeTakeFirst();
    return row ?? null;
  },
  put: async (actor, key, { request, status, body }, atMs) => {
    await db
      .deleteFrom('idempotency')
      .where('atMs', '<=', atMs - KEPT_MS)
      .execute();
    const stored = await db
      .insertInto('idempotency')
      .values({ actor, key, request, status, body, atMs })
      .onConflict((on) => on.columns(['actor', 'key']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!stored || stored.id <= KEPT_ROWS) return;
    await db
      .deleteFrom('idempotency')
      .where('id', '<=', stored.id - KEPT_ROWS)
      .execute();
  },
});
