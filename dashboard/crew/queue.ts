import type { TicketView } from '../../api/contract/schemas.ts';
import type { TicketAction } from '../../core/ticket/ticket.ts';

/** A step that was taken on this phone and has not reached the service yet. */
export interface Unsent {
  /** Idempotency-Key: the same for every try. */
  readonly key: string;
  readonly ticket: string;
  readonly action: CrewAction;
  /** `at` is when it was done, also when it is heard much later. */
  readonly body: { readonly at: string; readonly note?: string; readonly reason?: string };
}

export type CrewAction = Extract<
  TicketAction,
  'acknowledge' | 'decline' | 'depart' | 'arrive' | 'wait' | 'resume' | 'resolve' | 'comment'
>;

/** A phone without a network for a day doesn't come near this. */
export const MAX_UNSENT = 50;

const AFTER: Readonly<Record<CrewAction, TicketView['state'] | null>> = {
  acknowledge: 'acknowledged',
  decline: 'open',
  depart: 'enroute',
  arrive: 'onsite',
  wait: 'waiting',
  resume: 'onsite',
  resolve: 'resolved',
  comment: null,
};

/** The ticket as it will stand when what waits on the phone has been sent. */
export const projected = <T extends TicketView>(ticket: T, unsent: readonly Unsent[]): T => {
  const steps = unsent.filter((step) => step.ticket === ticket.id);
  const last = steps.findLast((step) => AFTER[step.action] !== null);
  const state = last && AFTER[last.action];
  if (!last || !state) return ticket;
  return last.action === 'decline' ? { ...ticket, state, crew: null, crewName: null } : { ...ticket, state };
};

/** Steps that remain when one was refused: what followed it on the same ticket has lost its ground. */
export const withoutRefused = (unsent: readonly Unsent[], refused: Unsent): readonly Unsent[] =>
  unsent.filter((step) => step.ticket !== refused.ticket);

/** What was kept on the phone; anything that isn't a list of steps is nothing. */
export const readUnsent = (text: string | null): readonly Unsent[] => {
  if (text === null) return [];
  try {
    const kept: unknown = JSON.parse(text);
    if (!Array.isArray(kept)) return [];
    return kept.filter(
      (step): step is Unsent =>
        typeof step?.key === 'string' &&
        typeof step.ticket === 'string' &&
        Object.hasOwn(AFTER, step.action) &&
        typeof step.body?.at === 'string',
    );
  } catch {
    return [];
  }
};
