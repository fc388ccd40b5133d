import { sql } from 'kysely';
import { BUSY_STATES, isFinal } from '../../core/ticket/step.ts';
import type { Ticket, TicketEntry } from '../../core/ticket/ticket.ts';
import { TicketExistsError, type Tickets } from '../ledger.ts';
import { consequences } from './consequences.ts';
import { beforeTime, pageLimit, pageOf } from './page.ts';
import type { Scope } from './schema.ts';
import { toEntry, toEntryRow, toTicket, toTicketRow } from './ticket-row.ts';

// As literals, so that the planner sees that the partial index `tickets_open` answers.
const isOpen = sql<boolean>`state not in ('closed', 'cancelled')`;

const queries = (db: Scope['db']) => ({
  byId: async (id: string): Promise<Ticket | null> => {
    const row = await db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toTicket(row) : null;
  },
  openFor: async (equipment: string, unit: string, component: string): Promise<Ticket | null> => {
    const row = await db
      .selectFrom('tickets')
      .selectAll()
      .where('equipment', '=', equipment)
      .where('unit', '=', unit)
      .where('component', '=', component)
      .where(isOpen)
      .executeTakeFirst();
    return row ? toTicket(row) : null;
  },
});

type Writing = Pick<Tickets, 'open' | 'step'>;

const writing = (scope: Scope): Writing => {
  const { db, change } = scope;
  const { byId, openFor } = queries(db);
  const append = async (before: Ticket | null, ticket: Ticket, entry: TicketEntry): Promise<void> => {
    await db.insertInto('ticketTimeline').values(toEntryRow(ticket, entry)).execute();
    change('ticket', ticket.id, entry.what, entry.heardAtMs);
    await consequences(scope, before, ticket, entry);
  };
  return {
    // A conflict is either the open one on the same key, or this very ticket opened before (a replay).
    open: async (ticket, entry) => {
      const inserted = await db
        .insertInto('tickets')
        .values(toTicketRow(ticket))
        .onConflict((on) => on.doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted) {
        await append(null, ticket, entry);
        return { opened: true, ticket };
      }
      const other =
        (await openFor(ticket.equipment, ticket.unit, ticket.component)) ?? (await byId(ticket.id));
      if (!other)
        throw new Error(`ticket ${ticket.id} was refused by the ledger, but nothing stands in its way`);
      return { opened: false, ticket: other };
    },
    step: async (ticket, entry) => {
      const stored = await byId(ticket.id);
      if (!stored || stored.version !== ticket.version - 1) return false;
      if (isFinal(stored.state) && !isFinal(ticket.state)) {
        const other = await openFor(stored.equipment, stored.unit, stored.component);
        if (other) throw new TicketExistsError(ticket.id, other.id);
      }
      // What a ticket is about never changes.
      const { id, equipment, unit, component, site, openedAtMs, ...row } = toTicketRow(ticket);
      const { numUpdatedRows } = await db
        .updateTable('tickets')
        .set(row)
        .where('id', '=', id)
        .where('version', '=', ticket.version - 1)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await append(stored, ticket, entry);
      return true;
    },
  };
};

type Desk = Pick<Tickets, 'due' | 'unassigned' | 'load' | 'repairs'>;

/** What the desk asks when it decides what to do next. */
const desk = ({ db }: Scope): Desk => ({
  due: async (nowMs, limit) => {
    const rows = await db
      .selectFrom('tickets')
      .selectAll()
      .where(isOpen)
      .where(({ eb, or }) => or([eb('acknowledgeByMs', '<=', nowMs), eb('holdUntilMs', '<=', nowMs)]))
      // Longest overdue first; a crew is asked or the ticket is held, so one of the two is null.
      .orderBy(({ fn }) => fn.coalesce('acknowledgeByMs', 'holdUntilMs'))
      .orderBy('openedAtMs')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toTicket);
  },
  unassigned: async (nowMs, limit) => {
    const rows = await db
      .selectFrom('tickets')
      .selectAll()
      .where(isOpen)
      .where('state', '=', 'open')
      .where(({ eb, or }) => or([eb('holdUntilMs', 'is', null), eb('holdUntilMs', '<=', nowMs)]))
      // S1 before S2 before S3, so that a limit never leaves the worst waiting.
      .orderBy('severity')
      .orderBy('openedAtMs')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toTicket);
  },
  load: async () => {
    const rows = await db
      .selectFrom('tickets')
      .select(({ fn }) => ['crew', fn.countAll<number>().as('count')])
      .where(isOpen)
      .where('state', 'in', BUSY_STATES)
      .where('crew', 'is not', null)
      .groupBy('crew')
      .execute();
    return new Map(rows.map(({ crew, count }) => [crew ?? '', Number(count)]));
  },
  repairs: async (equipment, sinceMs) => {
    const rows = await db
      .selectFrom('tickets')
      .selectAll()
      .where('equipment', '=', equipment)
      .where('resolvedAtMs', '>=', sinceMs)
      .orderBy('resolvedAtMs')
      .orderBy('id')
      .execute();
    return rows.map(toTicket);
  },
});

export const tickets = (scope: Scope): Tickets => {
  const { db } = scope;
  const { byId, openFor } = queries(db);
  return {
    ...writing(scope),
    ...desk(scope),
    get: byId,
    openFor,
    list: async (page) => {
      const limit = pageLimit(page);
      const [beforeMs, beforeId] = beforeTime(page);
      const { state, equipment, crew } = page;
      // Asked for none of the states; PostgreSQL would not take the empty list.
      if (state?.length === 0) return { rows: [], next: null };
      let query = db
        .selectFrom('tickets')
        .selectAll()
        .where(({ eb, refTuple, tuple }) => eb(refTuple('openedAtMs', 'id'), '<', tuple(beforeMs, beforeId)));
      if (state !== undefined) query = query.where('state', 'in', state);
      if (equipment !== undefined) query = query.where('equipment', '=', equipment);
      if (crew !== undefined) query = query.where('crew', '=', crew);
      const rows = await query
        .orderBy('openedAtMs', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, (row) => [row.openedAtMs, row.id], toTicket);
    },
    timeline: async (id) => {
      const rows = await db
        .selectFrom('ticketTimeline')
        .selectAll()
        .where('ticket', '=', id)
        .orderBy('version')
        .execute();
      return rows.map(toEntry);
    },
  };
};
