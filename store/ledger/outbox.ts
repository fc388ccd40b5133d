import { sql } from 'kysely';
import { PAGES } from '../../core/notice/notice.ts';
import { FAILURES_TO_PAUSE } from '../../core/notice/retry.ts';
import type { Delivery, DeliveryState, Outbox } from '../notices.ts';
import { storable } from './json.ts';
import { toNotice } from './notices.ts';
import { beforeNumber, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

// As literals, so that the planner sees that the partial index `outbox_open` answers.
const isUnsent = sql<boolean>`o.state in ('waiting', 'sending')`;
/** Something older of the same ticket is still on its way to the same channel: each hears things in their order. */
const isBehind = sql<boolean>`exists (select 1 from outbox as older where older.channel = o.channel
  and older.ticket = o.ticket and older.id < o.id and older.state in ('waiting', 'sending'))`;

/** Free to be taken: it waits and is due, or who took it did not come back. */
const isFree = (nowMs: number) =>
  sql<boolean>`((state = 'waiting' and due_at_ms <= ${nowMs}) or (state = 'sending' and lease_until_ms <= ${nowMs}))`;

/** The outbox' columns by themselves and the notice's under `n`. */
const joined = (db: Scope['db']) =>
  db
    .selectFrom('outbox as o')
    .innerJoin('notices as n', 'n.id', 'o.notice')
    .selectAll('o')
    .select([
      'n.key as nKey',
      'n.kind as nKind',
      'n.audience as nAudience',
      'n.atMs as nAtMs',
      'n.version as nVersion',
      'n.site as nSite',
      'n.severity as nSeverity',
      'n.crew as nCrew',
      'n.channel as nChannel',
      'n.reason as nReason',
    ]);

type Joined = Awaited<ReturnType<ReturnType<typeof joined>['execute']>>[number];

const toDelivery = (row: Joined): Delivery => ({
  id: row.id,
  notice: toNotice({
    id: row.notice,
    key: row.nKey,
    kind: row.nKind,
    audience: row.nAudience,
    atMs: row.nAtMs,
    ticket: row.ticket,
    version: row.nVersion,
    site: row.nSite,
    severity: row.nSeverity,
    crew: row.nCrew,
    channel: row.nChannel,
    reason: row.nReason,
  } satisfies Row<'notices'>),
  channel: row.channel,
  state: row.state as DeliveryState,
  attempts: row.attempts,
  dueAtMs: row.dueAtMs,
  epoch: row.epoch,
  message: row.message,
  reason: row.reason,
  createdAtMs: row.createdAtMs,
  endedAtMs: row.endedAtMs,
});

/** Any number that nobody else in this database takes ("prec" in ASCII). */
const CHANNEL_LOCK = 1886545251;

type Sending = Pick<Outbox, 'ready' | 'hold' | 'claim' | 'finish' | 'around' | 'messagesSince'>;

const sending = ({ db, change, skipsLocked }: Scope): Sending => ({
  ready: async (nowMs, limit, busy = []) => {
    let query = joined(db)
      .innerJoin('channels as c', 'c.id', 'o.channel')
      .where(isUnsent)
      .where(isFree(nowMs))
      .where('c.disabled', '=', 0)
      .where(({ eb, or }) => or([eb('c.pausedUntilMs', 'is', null), eb('c.pausedUntilMs', '<=', nowMs)]))
      .where(({ not }) => not(isBehind));
    if (busy.length > 0) query = query.where('o.channel', 'not in', busy);
    return (await query.orderBy('o.id').limit(limit).execute()).map(toDelivery);
  },
  hold: async (channel, ids, nowMs) => {
    if (!skipsLocked || ids.length === 0) return ids;
    // Not the channel's row: who notes how it fares, in a turn, must not wait for us.
    const { rows } = await sql<{ isOurs: boolean }>`select
      pg_try_advisory_xact_lock(${sql.lit(CHANNEL_LOCK)}, hashtext(${channel})) as is_ours`.execute(db);
    if (!rows[0]?.isOurs) return [];
    const query = db.selectFrom('outbox').select('id').where('id', 'in', ids).where(isFree(nowMs));
    return (await query.forUpdate().skipLocked().execute()).map(({ id }) => id);
  },
  // One statement that looks and takes: nobody takes the same, and nobody waits for who is taking it.
  claim: async (ids, message, nowMs, leaseUntilMs) => {
    if (ids.length === 0) return [];
    let claim = db
      .updateTable('outbox')
      .set(({ eb, fn, val }) => ({
        state: 'sending',
        attempts: eb('attempts', '+', 1),
        epoch: eb('epoch', '+', 1),
        message: fn.coalesce('message', val(message)),
        triedAtMs: nowMs,
        leaseUntilMs,
      }))
      .where('id', 'in', ids)
      .where(isFree(nowMs));
    if (skipsLocked)
      claim = claim.where('id', 'in', ({ selectFrom }) =>
        selectFrom('outbox')
          .select('id')
          .where('id', 'in', ids)
          .where(isFree(nowMs))
          .forUpdate()
          .skipLocked(),
      );
    const taken = await claim.returning('id').execute();
    if (taken.length === 0) return [];
    const rows = await joined(db)
      .where(
        'o.id',
        'in',
        taken.map(({ id }) => id),
      )
      .orderBy('o.id')
      .execute();
    return rows.map(toDelivery);
  },
  finish: async ({ id, epoch }, result, atMs) => {
    const isOver = result.state !== 'waiting';
    const row = await db
      .updateTable('outbox')
      .set({
        state: result.state,
        reason: 'reason' in result ? storable(result.reason) : null,
        leaseUntilMs: null,
        endedAtMs: isOver ? atMs : null,
        ...(result.state === 'waiting' ? { dueAtMs: result.dueAtMs } : {}),
      })
      .where('id', '=', id)
      .where('epoch', '=', epoch)
      .where('state', 'in', ['waiting', 'sending'])
      .returning('channel')
      .executeTakeFirst();
    if (row && result.state === 'dead') change('channel', row.channel, 'dead-letter', atMs);
    return row !== undefined;
  },
  around: async ({ id, channel, notice }) => {
    const near = db
      .selectFrom('outbox')
      .select('id')
      .where('channel', '=', channel)
      .where('ticket', '=', notice.ticket);
    const told = await near.where('id', '<', id).where('attempts', '>', 0).limit(1).executeTakeFirst();
    const followed = await near
      .where('id', '>', id)
      .where('kind', '=', notice.kind)
      .where('state', '=', 'waiting')
      .limit(1)
      .executeTakeFirst();
    return { told: told !== undefined, followed: followed !== undefined };
  },
  messagesSince: async (channel, sinceMs) => {
    const row = await db
      .selectFrom('outbox')
      .select(({ fn }) => fn.count<number>('message').distinct().as('count'))
      .where('channel', '=', channel)
      .where('triedAtMs', '>', sinceMs)
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  },
});

type Watching = Pick<Outbox, 'expire' | 'stuck' | 'passed' | 'stats'>;

const watching = ({ db, change }: Scope): Watching => ({
  expire: async (beforeMs, atMs) => {
    const rows = await db
      .updateTable('outbox')
      .set({ state: 'dead', reason: 'too-old', endedAtMs: atMs })
      .where('state', '=', 'waiting')
      .where('createdAtMs', '<=', beforeMs)
      .returning('channel')
      .execute();
    for (const channel of new Set(rows.map((row) => row.channel)))
      change('channel', channel, 'dead-letter', atMs);
    return rows.length;
  },
  stuck: async (nowMs, limit) => {
    const rows = await joined(db)
      .innerJoin('channels as c', 'c.id', 'o.channel')
      .where(isUnsent)
      .where('o.passed', '=', 0)
      .where('o.kind', 'in', [...PAGES])
      .where('c.pausedUntilMs', '>', nowMs)
      .where('c.failures', '>=', FAILURES_TO_PAUSE)
      .orderBy('o.id')
      .limit(limit)
      .execute();
    return rows.map(toDelivery);
  },
  passed: async (id) => {
    await db.updateTable('outbox').set({ passed: 1 }).where('id', '=', id).execute();
  },
  stats: async (nowMs) => {
    const states = await db
      .selectFrom('outbox')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count'), fn.min('createdAtMs').as('oldest')])
      .where('state', 'in', ['waiting', 'sending', 'dead'])
      .groupBy('state')
      .execute();
    const of = (state: DeliveryState) => states.find((row) => row.state === state);
    const oldest = [of('waiting'), of('sending')].flatMap((row) => (row ? [Number(row.oldest)] : []));
    const paused = await db
      .selectFrom('channels')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('disabled', '=', 0)
      .where('failures', '>=', FAILURES_TO_PAUSE)
      .where('pausedUntilMs', '>', nowMs)
      .executeTakeFirst();
    return {
      waiting: Number(of('waiting')?.count ?? 0),
      sending: Number(of('sending')?.count ?? 0),
      dead: Number(of('dead')?.count ?? 0),
      oldestAtMs: oldest.length === 0 ? null : Math.min(...oldest),
      pausedChannels: Number(paused?.count ?? 0),
    };
  },
});

type Judging = Pick<Outbox, 'get' | 'list' | 'retry' | 'dismiss'>;

const judging = ({ db, change }: Scope): Judging => ({
  get: async (id) => {
    const row = await joined(db).where('o.id', '=', id).executeTakeFirst();
    return row ? toDelivery(row) : null;
  },
  list: async (page) => {
    const limit = pageLimit(page);
    const { state, channel, ticket } = page;
    let query = joined(db).where('o.id', '<', beforeNumber(page));
    if (state !== undefined) query = query.where('o.state', '=', state);
    if (channel !== undefined) query = query.where('o.channel', '=', channel);
    if (ticket !== undefined) query = query.where('o.ticket', '=', ticket);
    const rows = await query
      .orderBy('o.id', 'desc')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toDelivery);
  },
  // Its age begins anew, or it would be given up again at once; the message stays the same to whoever has it already.
  retry: async (id, atMs) => {
    const row = await db
      .updateTable('outbox')
      .set({ state: 'waiting', attempts: 0, dueAtMs: atMs, createdAtMs: atMs, reason: null, endedAtMs: null })
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .returning('channel')
      .executeTakeFirst();
    if (row) change('channel', row.channel, 'retried', atMs);
    return row !== undefined;
  },
  dismiss: async (id, atMs) => {
    const row = await db
      .updateTable('outbox')
      .set({ state: 'dismissed', endedAtMs: atMs })
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .returning('channel')
      .executeTakeFirst();
    if (row) change('channel', row.channel, 'dismissed', atMs);
    return row !== undefined;
  },
});

export const outbox = (scope: Scope): Outbox => ({
  ...sending(scope),
  ...watching(scope),
  ...judging(scope),
});
