import type { Ticket, TicketAction } from '../../../core/ticket/ticket.ts';
import { type Random, stream } from '../../../simulators/random/stream.ts';
import type { Ledger } from '../../../store/ledger.ts';
import { sleep, type Timers } from '../../../time/timers.ts';
import { between, MINUTE_MS } from '../plan.ts';
import type { Items } from './items.ts';
import type { Phone } from './phone.ts';

/** Crews who work on tickets, and a dispatcher who looks after what nobody saw recover. */
export interface PeopleOptions {
  readonly seed: number;
  /** What the phones show: read beside the service. */
  readonly ledger: Ledger;
  readonly timers: Timers;
  readonly phone: Phone;
  readonly items: Items;
  readonly tokens: ReadonlyMap<string, string>;
  readonly note: (who: string, what: string) => void;
  /** A phone could not read what it should show. */
  readonly onProblem: (error: Error) => void;
}

export interface People {
  /** Comments that were said and answered with yes: each stands in its timeline once. */
  readonly comments: readonly { readonly ticket: string; readonly note: string }[];
  /** Tickets whose item was mended, with the time when that was told. */
  readonly mended: ReadonlySet<string>;
  look(): Promise<void>;
}

interface Move {
  readonly action: TicketAction;
  readonly afterMs: number;
  readonly body?: object;
}

const BATCH = 200;

/** What the crew does next; null: it lets its time pass, or there is nothing for it to do. */
const nextMove = (ticket: Ticket, random: Random): Move | null => {
  const minutes = (low: number, high: number): number => between(random, low * MINUTE_MS, high * MINUTE_MS);
  const chance = random();
  switch (ticket.state) {
    case 'dispatched':
      if (chance < 0.12) return null;
      if (chance < 0.22)
        return { action: 'decline', afterMs: minutes(0.2, 2), body: { reason: 'on-holiday' } };
      // Just in time, or just too late.
      return { action: 'acknowledge', afterMs: minutes(0.1, chance < 0.8 ? 1.5 : 6) };
    case 'acknowledged':
      if (chance < 0.08) return { action: 'handover', afterMs: minutes(1, 5), body: {} };
      if (chance < 0.15) return { action: 'wait', afterMs: minutes(1, 10), body: { reason: 'part' } };
      return { action: 'depart', afterMs: minutes(1, 6) };
    case 'enroute':
      return { action: 'arrive', afterMs: minutes(5, 30) };
    case 'onsite':
      return { action: 'resolve', afterMs: minutes(8, 35) };
    case 'waiting':
      return { action: 'resume', afterMs: minutes(10, 40) };
    default:
      return null;
  }
};

export const createPeople = (options: PeopleOptions): People => {
  const { seed, ledger, timers, phone, items, tokens, note, onProblem } = options;
  const comments: { ticket: string; note: string }[] = [];
  const mended = new Set<string>();
  const seen = new Set<string>();
  let cursor: string | null = null;
  let looking: Promise<void> = Promise.resolve();

  const press = async (who: string, ticket: Ticket, action: TicketAction, body: object): Promise<boolean> => {
    const token = tokens.get(who) as string;
    const { status, body: answer } = await phone.press(token, `/api/v1/tickets/${ticket.id}/${action}`, body);
    note(who, `${action} ${ticket.id}: ${status}${status >= 400 ? ` ${answer.slice(0, 160)}` : ''}`);
    return status < 300;
  };

  const say = async (who: string, ticket: Ticket): Promise<void> => {
    const words = `${who} at version ${ticket.version}`;
    if (await press(who, ticket, 'comment', { note: words }))
      comments.push({ ticket: ticket.id, note: words });
  };

  const work = async (ticket: Ticket): Promise<void> => {
    const { crew } = ticket;
    if (crew === null) return;
    const random = stream(seed, `crew/${ticket.equipment}/${ticket.component}/${ticket.version}`);
    const move = nextMove(ticket, random);
    if (!move) return;
    const willSay = random() < 0.3;
    await sleep(timers, move.afterMs);
    if (willSay) await say(crew, ticket);
    // The phone knows when the job was taken from it.
    const now = await ledger.tickets.get(ticket.id);
    if (now?.crew !== crew || now.state !== ticket.state) return;
    if (move.action === 'resolve') {
      items.mend(ticket.equipment, ticket.unit, ticket.component);
      mended.add(ticket.id);
      await sleep(timers, 2 * MINUTE_MS);
    }
    await press(crew, ticket, move.action, move.body ?? {});
  };

  const closeByHand = async (ticket: Ticket): Promise<void> => {
    await sleep(timers, 30 * MINUTE_MS);
    const now = await ledger.tickets.get(ticket.id);
    if (now?.state === 'resolved') await press('dispatcher', ticket, 'close', { reason: 'checked-by-phone' });
  };

  const meet = async (ticket: Ticket): Promise<void> => {
    const key = `${ticket.id}@${ticket.version}`;
    if (seen.has(key)) return;
    seen.add(key);
    work(ticket).catch(onProblem);
    if (ticket.state === 'resolved' && ticket.holdUntilMs === null) closeByHand(ticket).catch(onProblem);
  };

  const follow = async (): Promise<void> => {
    for (;;) {
      const changes = await ledger.changes(cursor, BATCH);
      const last = changes.at(-1);
      if (!last) return;
      cursor = last.cursor;
      const ids = new Set(changes.flatMap(({ kind, id }) => (kind === 'ticket' ? [id] : [])));
      for (const id of ids) {
        const ticket = await ledger.tickets.get(id);
        if (ticket) await meet(ticket);
      }
    }
  };

  return {
    comments,
    mended,
    look: () => {
      looking = looking.then(follow).catch(onProblem);
      return looking;
    },
  };
};
