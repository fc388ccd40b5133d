import type { Position } from '../core/crew/crew.ts';
import { chooseCrew, whyNobody } from '../core/dispatch/choose.ts';
import { classOf } from '../core/fault/catalogue.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import type { Ledger } from '../store/ledger.ts';
import { everyRow } from '../store/rows.ts';
import { type Assignment, assignTicket, sayNobody } from './assign.ts';

/** Tickets looked at in a round; worst and oldest first, so that what can't be looked at now is the least urgent. */
const ROUND = 5_000;
const MAX_REMEMBERED = 20_000;

interface Place {
  readonly equipmentClass: string;
  readonly position: Position | null;
}

/**
 * Goes through the tickets that wait for a crew. Decides in memory, with crews and their load read once, and
 * writes only where a crew can be asked or the reason why not is new: a thousand tickets that nobody can take
 * must not hold up the one that somebody can.
 */
export const createWaitingRoom = (
  ledger: Ledger,
  clock: () => number,
  count: (outcome: Assignment) => void,
) => {
  /** What the timeline of a ticket says already. */
  const said = new Map<string, string>();

  const places = () => {
    const known = new Map<string, Place>();
    return async (ticket: Ticket): Promise<Place> => {
      const found = known.get(ticket.equipment);
      if (found) return found;
      const equipment = await ledger.equipment.get(ticket.equipment);
      const site = await ledger.sites.get(equipment?.site ?? ticket.site);
      const place = { equipmentClass: classOf(equipment?.model ?? ''), position: site?.position ?? null };
      known.set(ticket.equipment, place);
      return place;
    };
  };

  const say = async (ticket: Ticket, reason: string): Promise<void> => {
    if (said.get(ticket.id) === reason) return;
    if (said.size >= MAX_REMEMBERED) said.clear();
    await ledger.transaction((tx) => sayNobody(tx, ticket.id, reason, clock()));
    // A round that starts over is a new round, with reasons of its own.
    if (reason === 'all-asked') said.delete(ticket.id);
    else said.set(ticket.id, reason);
    count('no-crew');
  };

  return async (): Promise<void> => {
    const waiting = await ledger.tickets.unassigned(clock(), ROUND);
    if (waiting.length === 0) return;
    const crews = await everyRow((page) => ledger.crews.list(page));
    const busy = new Map(await ledger.tickets.load());
    const placeOf = places();
    for (const ticket of waiting) {
      const job = { ...(await placeOf(ticket)), asked: ticket.asked };
      const choice = chooseCrew(job, crews, busy, clock());
      const [best] = choice.candidates;
      if (!best) {
        await say(ticket, whyNobody(choice));
        continue;
      }
      const outcome = await ledger.transaction((tx) => assignTicket(tx, ticket.id, clock()));
      count(outcome);
      said.delete(ticket.id);
      if (outcome === 'dispatched') busy.set(best.crew, (busy.get(best.crew) ?? 0) + 1);
    }
  };
};
