import type { Static } from 'typebox';
import { travelMs } from '../../core/dispatch/travel.ts';
import { mayStep } from '../../core/ticket/permit.ts';
import { type StepRefusal, step } from '../../core/ticket/step.ts';
import type { Ticket, TicketAction, TicketEntry } from '../../core/ticket/ticket.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import type { Identity } from '../access/identity.ts';
import type { Context } from '../context.ts';
import type { TicketStep } from '../contract/schemas.ts';
import { done, type Outcome, refuse, VersionConflict } from '../once.ts';
import { notFound, type Problem, unprocessable } from '../problem.ts';
import { readTicket } from '../read/tickets.ts';
import { parseTime } from '../views/time.ts';

/** A phone's clock may differ from ours by this much. */
const MAX_SKEW_MS = 5 * 60_000;

type Body = Static<typeof TicketStep>;
type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

const good = <T>(value: T): Checked<T> => ({ ok: true, value });
const wrong = (pointer: string, reason: string, detail: string): Checked<never> => ({
  ok: false,
  problem: unprocessable(pointer, reason, detail),
});

/** Lines that moved the ticket on; what was only said about it has a time of its own. */
const isStep = ({ what, from, to }: TicketEntry): boolean => from !== to || what === 'assign';

/** The time of the last step: the next one can't have been done before. */
const lastStepMs = (ticket: Ticket, timeline: readonly TicketEntry[]): number =>
  timeline.filter(isStep).reduce((latest, { atMs }) => Math.max(latest, atMs), ticket.openedAtMs);

/** When it was done: on the phone perhaps long before it is heard here, but never before the ticket. */
const saidAt = ({ at }: Body, ticket: Ticket, nowMs: number): Checked<number> => {
  if (at === undefined) return good(nowMs);
  const atMs = parseTime(at);
  if (atMs === null)
    return wrong('#/at', 'bad-time', '`at` is not a time: use ISO 8601, as 2026-01-31T08:00:00Z');
  if (atMs > nowMs + MAX_SKEW_MS)
    return wrong(
      '#/at',
      'in-the-future',
      '`at` is more than 5 min in the future; check the clock of the phone',
    );
  if (atMs < ticket.openedAtMs - MAX_SKEW_MS)
    return wrong(
      '#/at',
      'before-opening',
      '`at` is more than 5 min before the ticket was opened; check the clock of the phone',
    );
  return good(Math.min(atMs, nowMs));
};

interface When {
  readonly atMs: number;
  /** The person's words, and that the time was moved, where it was. */
  readonly note: string | null;
}

/**
 * Times of a ticket never run backwards: a step that a phone says was done before the step before it gets
 * that one's time, and the timeline says what the phone said. A phone can't mend its clock later; a refusal
 * would only lose what was done.
 */
const inOrder = (saidMs: number, afterMs: number, { at, note }: Body): When => {
  if (saidMs >= afterMs) return { atMs: saidMs, note: note ?? null };
  if (at === undefined) return { atMs: afterMs, note: note ?? null };
  const moved = `(said for ${new Date(saidMs).toISOString()}, before the step before it: taken at the time of that one)`;
  return { atMs: afterMs, note: note ? `${note} ${moved}` : moved };
};

/** The crew that is named, where the action takes one. */
const crewOf = async (
  tx: LedgerNouns,
  action: TicketAction,
  { crew }: Body,
): Promise<Checked<string | null>> => {
  if (crew === undefined) return good(null);
  if (action !== 'assign' && action !== 'handover')
    return wrong('#/crew', 'crew-not-taken', `${action} takes no crew; use assign or handover`);
  const known = await tx.crews.get(crew);
  if (!known) return wrong('#/crew', 'no-such-crew', `there is no crew ${JSON.stringify(crew)}`);
  if (!known.active) return wrong('#/crew', 'crew-inactive', `crew ${crew} is not active`);
  return good(crew);
};

/** When the crew is expected, as far as positions are known. */
const etaOf = async (
  tx: LedgerNouns,
  action: TicketAction,
  ticket: Ticket,
  crewId: string | null,
  atMs: number,
): Promise<number | null> => {
  const going = action === 'depart' ? ticket.crew : crewId;
  if (going === null) return null;
  const [crew, site] = await Promise.all([tx.crews.get(going), tx.sites.get(ticket.site)]);
  return crew && site?.position ? atMs + travelMs(crew.position, site.position) : null;
};

const refusal = (action: TicketAction, reason: StepRefusal, detail: string): Problem => {
  if (reason === 'reason-missing') return unprocessable('#/reason', reason, detail);
  if (reason === 'crew-missing' && action === 'assign') return unprocessable('#/crew', reason, detail);
  return { status: 409, reason, detail };
};

const AUDITED: readonly TicketAction[] = ['close', 'cancel', 'reopen'];

/**
 * One step of a ticket by a person, inside the caller's transaction: read, decided and written together.
 * @throws VersionConflict when another process wrote in between
 */
export const takeStep = async (
  tx: LedgerNouns,
  context: Context,
  identity: Identity,
  asked: { readonly id: string; readonly action: TicketAction; readonly body: Body },
): Promise<Outcome> => {
  const { id, action, body } = asked;
  const nowMs = context.clock();
  const ticket = await tx.tickets.get(id);
  if (!ticket) return refuse(notFound('ticket', id));
  if (!mayStep(identity, ticket, action))
    return refuse({
      status: 403,
      reason: 'not-your-ticket',
      detail: `as ${identity.role} you can't ${action} it`,
    });
  if (action === 'comment' && !body.note?.trim())
    return refuse(unprocessable('#/note', 'note-missing', 'say something: {"note": "…"}'));
  const said = saidAt(body, ticket, nowMs);
  if (!said.ok) return refuse(said.problem);
  const isOnlySaid = action === 'comment' || (action === 'acknowledge' && ticket.acknowledgedAtMs !== null);
  const afterMs = isOnlySaid ? ticket.openedAtMs : lastStepMs(ticket, await tx.tickets.timeline(id));
  const { atMs, note } = inOrder(said.value, afterMs, body);
  const crew = await crewOf(tx, action, body);
  if (!crew.ok) return refuse(crew.problem);
  const result = step(ticket, {
    action,
    atMs,
    heardAtMs: nowMs,
    actor: identity.actor,
    actorCrew: identity.crew,
    crew: crew.value,
    etaAtMs: await etaOf(tx, action, ticket, crew.value, atMs),
    reason: body.reason?.trim() || null,
    note,
  });
  if (!result.ok) return refuse(refusal(action, result.reason, result.detail));
  if (!(await tx.tickets.step(result.ticket, result.entry))) throw new VersionConflict();
  if (AUDITED.includes(action))
    await tx.audit.add({
      atMs: nowMs,
      actor: identity.actor,
      action: `ticket.${action}`,
      subject: id,
      detail: { from: ticket.state, reason: result.entry.reason },
    });
  const view = await readTicket(tx, context.catalogue, result.ticket);
  return done(result.alreadyAcknowledged ? { alreadyAcknowledged: true, ...view } : view);
};
