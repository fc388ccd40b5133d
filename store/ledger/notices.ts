import { sql } from 'kysely';
import { hears, type Notice } from '../../core/notice/notice.ts';
import type { Channel, Notices } from '../notices.ts';
import { toChannel } from './channels.ts';
import { storable } from './json.ts';
import { beforeNumber, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

/** So many wait for one channel; what comes then is a dead letter at once, where people see it. */
const MAX_WAITING = 1_000;
/** The newest of each are kept; what is on its way is kept anyway. */
const KEPT_ROWS = 200_000;
const TRIM_STEP = 1_000;
const MOST_UNREAD = 1_000;

export const toNotice = ({ id, key, ...row }: Row<'notices'>): Notice => ({
  ...row,
  id: key,
  kind: row.kind as Notice['kind'],
  audience: row.audience as Notice['audience'],
  severity: row.severity as Notice['severity'],
});

const toRow = ({ id, reason, ...same }: Notice) => ({
  key: id,
  kind: same.kind,
  audience: same.audience,
  atMs: same.atMs,
  ticket: same.ticket,
  version: same.version,
  site: same.site,
  severity: same.severity,
  crew: same.crew,
  channel: same.channel,
  reason: reason === null ? null : storable(reason),
});

const writing = ({ db, change }: Scope) => {
  const waitingFor = async (channel: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from (
      select 1 from outbox where channel = ${channel} and state in ('waiting', 'sending') limit ${MAX_WAITING}
    ) as waiting`.execute(db);
    return Number(rows[0]?.count ?? 0);
  };

  const deliver = async (
    notice: number,
    { kind, ticket, atMs }: Notice,
    channel: Channel,
  ): Promise<number> => {
    const isFull = (await waitingFor(channel.id)) >= MAX_WAITING;
    const { id } = await db
      .insertInto('outbox')
      .values({
        notice,
        channel: channel.id,
        ticket,
        kind,
        state: isFull ? 'dead' : 'waiting',
        attempts: 0,
        dueAtMs: atMs,
        leaseUntilMs: null,
        epoch: 0,
        message: null,
        reason: isFull ? 'queue-full' : null,
        passed: 0,
        createdAtMs: atMs,
        triedAtMs: null,
        endedAtMs: isFull ? atMs : null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (isFull) change('channel', channel.id, 'dead-letter', atMs);
    return id;
  };

  const trim = async (notice: number, delivery: number): Promise<void> => {
    if (notice > KEPT_ROWS && notice % TRIM_STEP === 0) {
      const last = notice - KEPT_ROWS;
      const isNeeded = sql<boolean>`exists (select 1 from outbox where outbox.notice = notices.id
        and outbox.state in ('waiting', 'sending', 'dead'))`;
      await db.deleteFrom('noticeReads').where('notice', '<=', last).execute();
      await db
        .deleteFrom('notices')
        .where('id', '<=', last)
        .where(({ not }) => not(isNeeded))
        .execute();
    }
    if (delivery > KEPT_ROWS && delivery % TRIM_STEP === 0) {
      const isOnItsWay = sql<boolean>`state in ('waiting', 'sending')`;
      await db
        .deleteFrom('outbox')
        .where('id', '<=', delivery - KEPT_ROWS)
        .where(({ not }) => not(isOnItsWay))
        .execute();
    }
  };

  const add: Notices['add'] = async (given) => {
    if (given.length === 0) return 0;
    const rows = await db
      .selectFrom('channels')
      .selectAll()
      .where('disabled', '=', 0)
      .orderBy('id')
      .execute();
    const listening = rows.map(toChannel);
    let added = 0;
    for (const notice of given) {
      const stored = await db
        .insertInto('notices')
        .values(toRow(notice))
        .onConflict((on) => on.column('key').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (!stored) continue;
      let last = 0;
      for (const channel of listening)
        if (hears(channel, notice)) last = await deliver(stored.id, notice, channel);
      await trim(stored.id, last);
      change('notice', notice.id, notice.kind, notice.atMs);
      added += 1;
    }
    return added;
  };
  return { add };
};

export const notices = (scope: Scope): Notices => {
  const { db } = scope;
  const readBy = (reader: string) =>
    sql<number>`(case when exists (select 1 from notice_reads where notice_reads.notice = notices.id
      and notice_reads.reader = ${reader}) then 1 else 0 end)`;
  return {
    ...writing(scope),
    get: async (id) => {
      const row = await db.selectFrom('notices').selectAll().where('key', '=', id).executeTakeFirst();
      return row ? toNotice(row) : null;
    },
    list: async (page) => {
      const limit = pageLimit(page);
      const { audiences, reader, unread } = page;
      if (audiences.length === 0) return { rows: [], next: null };
      const read = readBy(reader);
      let query = db
        .selectFrom('notices')
        .selectAll()
        .select(read.as('read'))
        .where('audience', 'in', audiences)
        .where('id', '<', beforeNumber(page));
      if (unread) query = query.where(read, '=', 0);
      const rows = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => [row.id],
        ({ read: isRead, ...row }) => ({ ...toNotice(row), read: isRead === 1 }),
      );
    },
    unread: async (audiences, reader) => {
      if (audiences.length === 0) return 0;
      const rows = await db
        .selectFrom('notices')
        .select('id')
        .where('audience', 'in', audiences)
        .where(readBy(reader), '=', 0)
        .orderBy('id', 'desc')
        .limit(MOST_UNREAD)
        .execute();
      return rows.length;
    },
    markRead: async (ids, reader, atMs) => {
      if (ids.length === 0) return;
      const rows = await db.selectFrom('notices').select('id').where('key', 'in', ids).execute();
      if (rows.length === 0) return;
      await db
        .insertInto('noticeReads')
        .values(rows.map(({ id }) => ({ notice: id, reader, atMs })))
        .onConflict((on) => on.columns(['notice', 'reader']).doNothing())
        .execute();
    },
  };
};
