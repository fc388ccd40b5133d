import { BUSY_STATES, isFinal } from '../../../core/ticket/step.ts';
import type { TicketState } from '../../../core/ticket/ticket.ts';
import { END_MS, type Episode, type Plan } from '../plan.ts';
import type { Run } from '../simulate.ts';
import { type Check, some } from './check.ts';
import type { Found } from './found.ts';

type Ticket = Found['tickets'][number];

/** Tickets that were opened on the item while this episode was its newest. */
export const ticketsOf = (plan: Plan, tickets: readonly Ticket[], episode: Episode): readonly Ticket[] => {
  const { equipment, unit, component, onsetMs } = episode;
  const isSame = (other: { equipment: string; unit: string; component: string }): boolean =>
    other.equipment === equipment && other.unit === unit && other.component === component;
  const next = plan.episodes.filter((other) => isSame(other) && other.onsetMs > onsetMs);
  const endMs = Math.min(END_MS, ...next.map((other) => other.onsetMs));
  return tickets.filter(
    (ticket) => isSame(ticket) && ticket.openedAtMs >= onsetMs && ticket.openedAtMs < endMs,
  );
};

/**
 * That it was over came before that it began: a report that is older than the last one changes nothing
 * (core/detect/fault-code.ts), so there may be no alert of it.
 */
const isToldBackwards = (history: Run['disks']['history'], episode: Episode): boolean => {
  const first = (active: boolean): number =>
    history.findIndex((record) => {
      if (record.kind !== 'message' || record.channel !== 'fault') return false;
      if (record.equipment !== episode.equipment) return false;
      const said = JSON.parse(Buffer.from(record.payload).toString('utf8')) as {
        readonly unit?: string;
        readonly code: string;
        readonly active: boolean;
      };
      return (said.unit ?? '') === episode.unit && said.code === episode.sign && said.active === active;
    });
  const off = first(false);
  return off >= 0 && off < first(true);
};

/** Nothing that broke was overlooked, and nothing was told twice. */
export const oneTicketAnEpisode: Check = ({ plan, disks, town }, { tickets, alerts }) => {
  const wrong = plan.episodes.flatMap((episode) => {
    const own = ticketsOf(plan, tickets, episode);
    const ids = own.map(({ id }) => id).join(', ');
    if (own.length > 1) return [`${episode.id} has ${own.length} tickets: ${ids}`];
    // What was over within minutes, while the service was down for hours, may have come too late for a visit.
    if (own.length === 0 && episode.kind !== 'blip' && !town.isDead(episode.equipment))
      return [`${episode.id} (${episode.sign}) has none`];
    return [];
  });
  const unheard = plan.episodes.flatMap((episode) => {
    const { id, kind, equipment, unit, sign } = episode;
    if (town.isDead(equipment) || (kind === 'blip' && isToldBackwards(disks.history, episode))) return [];
    const rule = `fault:${sign}`;
    const isHeard = alerts.some(
      (alert) => alert.equipment === equipment && alert.unit === unit && alert.rule === rule,
    );
    return kind === 'wear' || isHeard ? [] : [id];
  });
  return [...some('tickets of what broke', wrong), ...some('codes without an alert', unheard)];
};

/** When a ticket was in which state, by its timeline. */
const statesOf = (ticket: Ticket) =>
  ticket.timeline.map((line, i) => ({
    state: line.to,
    crew: line.crew,
    fromMs: line.heardAtMs,
    toMs: ticket.timeline[i + 1]?.heardAtMs ?? Number.POSITIVE_INFINITY,
    ticket: ticket.id,
  }));

const overlapping = <T extends { fromMs: number; toMs: number; ticket: string }>(
  spans: readonly T[],
): string[] =>
  spans
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .flatMap((span, i, all) => {
      const before = all[i - 1];
      return before && before.ticket !== span.ticket && before.toMs > span.fromMs
        ? [`${before.ticket} and ${span.ticket}`]
        : [];
    });

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

/** At most one ticket that is not closed or cancelled on an item at a time. */
export const oneOpenTicketAnItem: Check = (_, { tickets }) => {
  const spans = tickets.flatMap((ticket) =>
    statesOf(ticket)
      .filter(({ state }) => !isFinal(state))
      .map((span) => ({ ...span, item: `${ticket.equipment}/${ticket.unit}/${ticket.component}` })),
  );
  return [...grouped(spans, ({ item }) => item)].flatMap(([item, own]) =>
    some(`two open tickets on ${item}`, overlapping(own)),
  );
};

/** The desk asks nobody who is busy elsewhere. (A crew may go back to what waited for a part when it likes.) */
export const noCrewTwice: Check = (_, { tickets }) => {
  const busy: readonly TicketState[] = BUSY_STATES;
  const spans = tickets.flatMap((ticket) =>
    statesOf(ticket).filter(({ state, crew, fromMs, toMs }) => busy.includes(state) && crew && toMs > fromMs),
  );
  const asked = tickets.flatMap(({ id, timeline }) =>
    timeline.flatMap(({ what, actor, crew, heardAtMs }) =>
      what === 'assign' && actor === 'system' ? [{ id, crew, heardAtMs }] : [],
    ),
  );
  return some(
    'sent to two places',
    asked.flatMap(({ id, crew, heardAtMs }) => {
      const elsewhere = spans.find(
        (span) =>
          span.crew === crew && span.ticket !== id && span.fromMs < heardAtMs && span.toMs > heardAtMs,
      );
      return elsewhere ? [`${crew}: ${id} while ${elsewhere.state} with ${elsewhere.ticket}`] : [];
    }),
  );
};

/** What broke is mended by the end, and the ticket of it closed. */
export const allMended: Check = ({ plan, town }, { tickets }) => [
  ...some(
    'still broken',
    town.items.broken().flatMap(({ id, equipment }) => (town.isDead(equipment) ? [] : [id])),
  ),
  ...some(
    'tickets that are still open',
    plan.episodes
      .filter(({ equipment }) => !town.isDead(equipment))
      .flatMap((episode) =>
        ticketsOf(plan, tickets, episode).flatMap(({ id, state }) =>
          isFinal(state) ? [] : [`${id} of ${episode.id} is ${state}`],
        ),
      ),
  ),
];

/** What was said once stands once in the timeline, however often the button was pressed. */
export const saidOnce: Check = ({ town }, { tickets }) =>
  some(
    'comments that do not stand once',
    town.people.comments.flatMap(({ ticket, note }) => {
      const lines = tickets.find(({ id }) => id === ticket)?.timeline ?? [];
      const found = lines.filter((line) => line.what === 'comment' && line.note === note).length;
      return found === 1 ? [] : [`${note}: ${found} times`];
    }),
  );
