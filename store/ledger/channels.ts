import { sql } from 'kysely';
import { isFailing } from '../../core/notice/retry.ts';
import type { Channel, Channels } from '../notices.ts';
import { storable } from './json.ts';
import { afterId, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

/** Written by the API and the command line alone, which check it. The secret stays behind. */
export const toChannel = ({ secret, ...row }: Row<'channels'>): Channel => ({
  ...row,
  kind: row.kind as Channel['kind'],
  audience: row.audience as Channel['audience'],
  language: row.language as Channel['language'],
  disabled: row.disabled === 1,
});

const isUnsent = sql<boolean>`state in ('waiting', 'sending')`;

const dropUnsent = async (db: Scope['db'], channel: string, reason: string, atMs: number): Promise<void> => {
  await db
    .updateTable('outbox')
    .set({ state: 'dropped', reason, endedAtMs: atMs })
    .where('channel', '=', channel)
    .where(isUnsent)
    .execute();
};

export const channels = ({ db, change }: Scope): Channels => ({
  put: async ({ id, kind, url, audience, language, perMinute, disabled }, secret, atMs) => {
    const settings = { kind, url, audience, language, perMinute, disabled: disabled ? 1 : 0 };
    // Whoever mends a channel wants to see it tried at once.
    const well = { failures: 0, pausedUntilMs: null, pauseReason: null };
    const known = await db.selectFrom('channels').select('secret').where('id', '=', id).executeTakeFirst();
    if (!known && secret === null) throw new Error(`channel ${id} is new and needs a secret`);
    const row = { ...settings, ...well, secret: secret ?? known?.secret ?? '' };
    await db
      .insertInto('channels')
      .values({ id, ...row, createdAtMs: atMs, lastSentAtMs: null })
      .onConflict((on) => on.column('id').doUpdateSet(row))
      .execute();
    if (disabled) await dropUnsent(db, id, 'channel-disabled', atMs);
    change('channel', id, known ? 'changed' : 'added', atMs);
  },
  get: async (id) => {
    const row = await db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toChannel(row) : null;
  },
  secret: async (id) =>
    (await db.selectFrom('channels').select('secret').where('id', '=', id).executeTakeFirst())?.secret ??
    null,
  list: async (page) => {
    const limit = pageLimit(page);
    const rows = await db
      .selectFrom('channels')
      .selectAll()
      .where('id', '>', afterId(page))
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toChannel);
  },
  remove: async (id, atMs) => {
    const { numDeletedRows } = await db.deleteFrom('channels').where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await dropUnsent(db, id, 'channel-removed', atMs);
    change('channel', id, 'removed', atMs);
    return true;
  },
  fared: async (id, { failures, pausedUntilMs, pauseReason }, sentAtMs, atMs) => {
    const before = await db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst();
    if (!before) return;
    const health = { failures, pausedUntilMs, pauseReason: pauseReason && storable(pauseReason) };
    await db
      .updateTable('channels')
      .set({ ...health, ...(sentAtMs === null ? {} : { lastSentAtMs: sentAtMs }) })
      .where('id', '=', id)
      .execute();
    if (isFailing(toChannel(before)) !== isFailing(health))
      change('channel', id, isFailing(health) ? 'paused' : 'resumed', atMs);
  },
});
