import type { Severity } from '../alert/alert.ts';

/** CONTRACT §4. `waiting` is for a part, an access or a customer; `closed` and `cancelled` are final but for `reopen`. */
export type TicketState =
  | 'open'
  | 'dispatched'
  | 'acknowledged'
  | 'enroute'
  | 'onsite'
  | 'waiting'
  | 'resolved'
  | 'closed'
  | 'cancelled';

export type TicketAction =
  | 'acknowledge'
  | 'decline'
  | 'handover'
  | 'depart'
  | 'arrive'
  | 'wait'
  | 'resume'
  | 'resolve'
  | 'close'
  | 'reopen'
  | 'cancel'
  | 'assign'
  | 'comment';

/** Where a ticket came from: the watcher, or a person. */
export type TicketSource = 'telemetry' | 'fault' | 'hotline' | 'QR' | 'attendant' | 'crew';

/**
 * A piece of work on one maintainable item of one unit of one equipment. At most one that is not
 * closed or cancelled exists per (equipment, unit, component).
 */
export interface Ticket {
  readonly id: string;
  readonly equipment: string;
  readonly unit: string;
  readonly site: string;
  readonly component: string;
  /** Finer than the component: a fault code (`G06`) or a rule (`drift:hoistCurrentA`), or `reported`. */
  readonly cause: string;
  readonly severity: Exclude<Severity, 'watch'>;
  readonly state: TicketState;
  readonly source: TicketSource;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  /** Grows by one with every step: guards against two people stepping at once. */
  readonly version: number;
  readonly alerts: readonly string[];
  readonly crew: string | null;
  /** Crews already asked in this round, so that the next one differs. */
  readonly asked: readonly string[];
  /** The crew must acknowledge before this, else the next crew is asked. Null when nobody is asked. */
  readonly acknowledgeByMs: number | null;
  /** Not offered to a crew before this: the attendant on site, or a pause, comes first. Null: at once. */
  readonly holdUntilMs: number | null;
  readonly acknowledgedAtMs: number | null;
  readonly departedAtMs: number | null;
  readonly arrivedAtMs: number | null;
  /** When the crew is expected at the machine. */
  readonly etaAtMs: number | null;
  /** Promise: on site before this. */
  readonly dueAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly closeReason: string | null;
  /** Who reported it and in which words, where a person did. */
  readonly reporter: string | null;
  readonly words: string | null;
}

/** One line of a ticket's timeline; the whole history of the ticket is in these. */
export interface TicketEntry {
  readonly ticket: string;
  /** The ticket's version after this line. */
  readonly version: number;
  /** When it was done: on the phone perhaps earlier than it was heard here. */
  readonly atMs: number;
  readonly heardAtMs: number;
  /** `opened`, `alert-joined`, `alert-cleared`, `dispatched`, `not-acknowledged`, `no-crew`, `recovered` or an action. */
  readonly what: string;
  readonly actor: string;
  readonly from: TicketState | null;
  readonly to: TicketState;
  readonly crew: string | null;
  /** A named reason, e.g. `nearest-qualified`, `recovery-seen`, `time-to-acknowledge-passed`. */
  readonly reason: string | null;
  readonly note: string | null;
}
