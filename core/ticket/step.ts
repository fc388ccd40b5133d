import { PROMISES, RECOVERY_ASK_MS } from '../dispatch/promise.ts';
import type { Ticket, TicketAction, TicketEntry, TicketState } from './ticket.ts';

/**
 * The ticket's state machine, drawn in docs/tickets.md:
 *
 *   open → dispatched → acknowledged → enroute → onsite → (waiting) → resolved → closed | cancelled
 *
 * Pure: what may be done, and what the ticket is afterwards. Who may do it is in permit.ts.
 */
export interface StepRequest {
  readonly action: TicketAction;
  /** When it was done, perhaps earlier on a phone without signal. */
  readonly atMs: number;
  readonly heardAtMs: number;
  readonly actor: string;
  /** The crew of the actor, where there is one. */
  readonly actorCrew: string | null;
  /** The crew to assign or hand over to. */
  readonly crew?: string | null | undefined;
  /** When that crew is expected at the machine. */
  readonly etaAtMs?: number | null | undefined;
  readonly reason?: string | null | undefined;
  readonly note?: string | null | undefined;
}

export type StepResult =
  | {
      readonly ok: true;
      readonly ticket: Ticket;
      readonly entry: TicketEntry;
      readonly alreadyAcknowledged: boolean;
    }
  | { readonly ok: false; readonly reason: StepRefusal; readonly detail: string };

export type StepRefusal = 'illegal-step' | 'reason-missing' | 'crew-missing';

export const isFinal = (state: TicketState): boolean => state === 'closed' || state === 'cancelled';

/** States in which a crew is bound to the ticket and busy with it. */
export const BUSY_STATES: readonly TicketState[] = ['dispatched', 'acknowledged', 'enroute', 'onsite'];

const ACTIVE: readonly TicketState[] = ['open', 'dispatched', 'acknowledged', 'enroute', 'onsite', 'waiting'];

/** From which states an action is legal. */
export const LEGAL: Readonly<Record<TicketAction, readonly TicketState[]>> = {
  acknowledge: ['open', 'dispatched', 'acknowledged', 'enroute', 'onsite', 'waiting'],
  decline: ['dispatched', 'acknowledged'],
  handover: ['acknowledged', 'enroute', 'onsite', 'waiting'],
  depart: ['acknowledged'],
  arrive: ['acknowledged', 'enroute'],
  wait: ['acknowledged', 'enroute', 'onsite'],
  resume: ['waiting'],
  resolve: ['onsite'],
  close: [...ACTIVE, 'resolved'],
  reopen: ['resolved', 'closed'],
  cancel: ACTIVE,
  assign: ACTIVE,
  comment: [...ACTIVE, 'resolved', 'closed', 'cancelled'],
};

/** What one crew did says nothing of the next: its times go with it, and stay in the timeline. */
const unassigned = {
  crew: null,
  acknowledgeByMs: null,
  acknowledgedAtMs: null,
  departedAtMs: null,
  arrivedAtMs: null,
  etaAtMs: null,
} as const;

const offered = (ticket: Ticket, crew: string, request: StepRequest): Partial<Ticket> => ({
  state: 'dispatched',
  crew,
  asked: [...new Set([...ticket.asked, crew])],
  acknowledgeByMs: request.heardAtMs + PROMISES[ticket.severity].acknowledgeMs,
  acknowledgedAtMs: null,
  departedAtMs: null,
  arrivedAtMs: null,
  etaAtMs: request.etaAtMs ?? null,
  holdUntilMs: null,
});

const refuse = (reason: StepRefusal, detail: string): StepResult => ({ ok: false, reason, detail });

/** What the action changes, or why it can't be done. */
const change = (ticket: Ticket, request: StepRequest): Partial<Ticket> | StepResult => {
  const { action, atMs } = request;
  switch (action) {
    case 'acknowledge': {
      const crew = ticket.crew ?? request.actorCrew;
      if (crew === null) return refuse('crew-missing', 'nobody is asked yet: assign a crew first');
      return {
        state: 'acknowledged',
        crew,
        acknowledgedAtMs: atMs,
        acknowledgeByMs: null,
        holdUntilMs: null,
      };
    }
    case 'decline':
      return { state: 'open', ...unassigned };
    case 'handover':
      return request.crew
        ? offered(ticket, request.crew, request)
        : { state: 'open', ...unassigned, asked: ticket.crew ? [ticket.crew] : [] };
    case 'depart':
      return { state: 'enroute', departedAtMs: atMs, etaAtMs: request.etaAtMs ?? ticket.etaAtMs };
    case 'arrive':
      return { state: 'onsite', arrivedAtMs: atMs, departedAtMs: ticket.departedAtMs ?? atMs };
    case 'wait':
      return { state: 'waiting' };
    case 'resume':
      return { state: 'onsite', arrivedAtMs: ticket.arrivedAtMs ?? atMs };
    case 'resolve':
      return { state: 'resolved', resolvedAtMs: atMs, holdUntilMs: request.heardAtMs + RECOVERY_ASK_MS };
    case 'close':
      if (!request.reason) return refuse('reason-missing', 'say why the ticket is closed: {"reason": "…"}');
      return {
        state: 'closed',
        closedAtMs: atMs,
        closeReason: request.reason,
        acknowledgeByMs: null,
        holdUntilMs: null,
      };
    case 'reopen':
      return {
        state: 'open',
        ...unassigned,
        asked: [],
        holdUntilMs: null,
        resolvedAtMs: null,
        closedAtMs: null,
        closeReason: null,
        // Somebody has to come once more: the promise of the first visit says nothing of the second.
        dueAtMs: request.heardAtMs + PROMISES[ticket.severity].arriveMs,
      };
    case 'cancel':
      if (!request.reason)
        return refuse('reason-missing', 'say why the ticket is cancelled: {"reason": "…"}');
      return {
        state: 'cancelled',
        closedAtMs: atMs,
        closeReason: request.reason,
        acknowledgeByMs: null,
        holdUntilMs: null,
      };
    case 'assign':
      if (!request.crew) return refuse('crew-missing', 'say which crew: {"crew": "…"}');
      return offered(ticket, request.crew, request);
    case 'comment':
      return {};
  }
};

/** Takes one step, or says why it is illegal. Never throws for what a person may send. */
export const step = (ticket: Ticket, request: StepRequest): StepResult => {
  const { action } = request;
  if (!LEGAL[action].includes(ticket.state)) {
    return refuse(
      'illegal-step',
      `${action} is not possible while the ticket is ${ticket.state}; possible from: ${LEGAL[action].join(', ')}`,
    );
  }
  // A second acknowledgement keeps what was said and changes nothing else.
  const alreadyAcknowledged = action === 'acknowledge' && ticket.acknowledgedAtMs !== null;
  const changed = alreadyAcknowledged ? {} : change(ticket, request);
  if ('ok' in changed) return changed;
  const next: Ticket = { ...ticket, ...changed, version: ticket.version + 1, updatedAtMs: request.heardAtMs };
  const entry: TicketEntry = {
    ticket: ticket.id,
    version: next.version,
    atMs: request.atMs,
    heardAtMs: request.heardAtMs,
    what: action,
    actor: request.actor,
    from: ticket.state,
    to: next.state,
    crew: action === 'decline' ? ticket.crew : next.crew,
    reason: alreadyAcknowledged ? 'already-acknowledged' : (request.reason ?? null),
    note: request.note ?? null,
  };
  return { ok: true, ticket: next, entry, alreadyAcknowledged };
};

/** The one next step that a crew's phone offers; null when there is none for the crew. */
export const nextAction = (state: TicketState): TicketAction | null => {
  switch (state) {
    case 'dispatched':
      return 'acknowledge';
    case 'acknowledged':
      return 'depart';
    case 'enroute':
      return 'arrive';
    case 'onsite':
      return 'resolve';
    case 'waiting':
      return 'resume';
    default:
      return null;
  }
};
