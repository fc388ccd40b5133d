import type { Alert, AlertEntry, AlertEvent } from '../core/alert/alert.ts';
import type { Crew } from '../core/crew/crew.ts';
import type { Equipment, Site } from '../core/equipment/equipment.ts';
import type { Online } from '../core/equipment/status.ts';
import type { Ticket, TicketEntry, TicketState } from '../core/ticket/ticket.ts';
import type { Channels, Clocks, Notices, Outbox } from './notices.ts';

/**
 * Contract: the ledger, what a company keeps for ten years: equipment, crews, alerts, tickets, people,
 * audit, and the durable state of the readers (offsets, checkpoints, quarantine).
 *
 * Every noun below can be used on the ledger itself (each call a transaction of its own) or on the `tx`
 * of `transaction`, where everything commits together or not at all. Read inside the transaction that
 * you wrote in.
 *
 * Suite: `store/ledger.suite.ts`; every adapter runs it.
 */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page's cursor, or the cursor of a change, that this ledger did not give. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
  constructor(cursor: string) {
    super(
      `the cursor ${JSON.stringify(cursor.slice(0, 64))} is not one of this list: begin without a cursor`,
    );
  }
}

/**
 * What was changed after this cursor is no longer kept: read what you need anew, and follow from `head()`,
 * taken before that reading.
 */
export class ChangesLostError extends Error {
  override readonly name = 'ChangesLostError';
  constructor(cursor: string, oldest: string) {
    super(
      `changes after ${cursor} are no longer kept, the oldest is ${oldest}: read everything anew and follow from the head`,
    );
  }
}

/** Too many transactions wait for their turn: nothing was written, try again later. */
export class LedgerBusyError extends Error {
  override readonly name = 'LedgerBusyError';
}

/** The disk has no room: the transaction was rolled back. */
export class LedgerFullError extends Error {
  override readonly name = 'LedgerFullError';
}

// ---- people -------------------------------------------------------------------------------------

export type Role = 'viewer' | 'attendant' | 'crew' | 'dispatcher' | 'admin';

export interface User {
  /** The name that a person signs in with. */
  readonly id: string;
  readonly role: Role;
  /** The crew that the person belongs to, for role `crew`. */
  readonly crew: string | null;
  readonly passwordHash: string;
  readonly disabled: boolean;
}

/** A session of a person or a token of a script; only an HMAC of its secret is stored. */
export interface Grant {
  readonly hash: string;
  readonly kind: 'session' | 'token';
  /** User id of a session, label of a token. */
  readonly subject: string;
  readonly role: Role;
  readonly crew: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

// ---- equipment secrets --------------------------------------------------------------------------

/** Who may connect over MQTT: client id = username = `id`. */
export interface Credential {
  readonly id: string;
  /** HMAC-SHA-256 of the 256-bit secret, hex (see store/secret.ts). */
  readonly secretHash: string;
  /** Equipment that this credential speaks for, with its site: itself, or those behind a gateway. */
  readonly equipment: readonly { readonly id: string; readonly site: string }[];
  readonly revoked: boolean;
}

// ---- readers ------------------------------------------------------------------------------------

/** Another process has claimed the partition: stop reading at once. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export interface Lease {
  readonly reader: string;
  readonly partition: number;
  /** Each claim raises it; a commit with an older epoch throws LeaseLostError. */
  readonly epoch: number;
  /** The last offset whose effects are committed; -1 at first. */
  readonly offset: number;
}

export interface Quarantined {
  readonly partition: number;
  readonly offset: number;
  /** Index of the bad member of an array; 0 for a whole message. */
  readonly index: number;
  readonly equipment: string;
  readonly channel: string;
  /** A named reason: `not-json`, `not-a-reading`, `future`, `bad-metric-name`, … */
  readonly reason: string;
  /** What is wrong, naming the thing and the mend. */
  readonly detail: string;
  readonly atMs: number;
  /** First 2 KiB of the payload as text. */
  readonly payload: string;
}

// ---- change events ------------------------------------------------------------------------------

export type ChangeKind =
  | 'alert'
  | 'ticket'
  | 'equipment'
  | 'crew'
  | 'site'
  | 'credential'
  | 'people'
  | 'quarantine'
  | 'notice'
  | 'channel';

/** Something in the ledger changed. `cursor` is opaque and ordered by commit. */
export interface Change {
  readonly cursor: string;
  readonly kind: ChangeKind;
  /** Id of what changed. */
  readonly id: string;
  /** What happened: `raised`, `cleared`, `opened`, an action, `online`, `added`, `revoked`, … */
  readonly what: string;
  readonly atMs: number;
}

export interface AuditEntry {
  readonly atMs: number;
  /** User id, token label, equipment id or `system`. */
  readonly actor: string;
  /** `mqtt.refused`, `session.opened`, `equipment.added`, `ticket.closed`, … */
  readonly action: string;
  readonly subject: string;
  /** Small JSON object; no secrets and no personal data. */
  readonly detail: Readonly<Record<string, unknown>>;
}

// ---- nouns --------------------------------------------------------------------------------------

export interface Sites {
  put(site: Site, atMs: number): Promise<void>;
  get(id: string): Promise<Site | null>;
  list(page: PageQuery): Promise<Page<Site>>;
}

export interface EquipmentBook {
  put(equipment: Pick<Equipment, 'id' | 'site' | 'model' | 'name'>, atMs: number): Promise<void>;
  get(id: string): Promise<Equipment | null>;
  list(page: PageQuery & { readonly site?: string | undefined }): Promise<Page<Equipment>>;
  /** What was heard: connection state, firmware; a change event only where something changed. */
  heard(
    id: string,
    state: {
      readonly online: Online;
      readonly connectionId: string | null;
      readonly firmware: string | null;
      readonly atMs: number;
    },
  ): Promise<void>;
}

export interface Credentials {
  /** Adds, or replaces the secret (rotate) and un-revokes. Change events: `added` or `rotated`. */
  put(credential: Omit<Credential, 'revoked'>, atMs: number): Promise<void>;
  get(id: string): Promise<Credential | null>;
  revoke(id: string, atMs: number): Promise<boolean>;
  list(page: PageQuery): Promise<Page<Omit<Credential, 'secretHash'>>>;
}

export interface Crews {
  put(crew: Crew, atMs: number): Promise<void>;
  get(id: string): Promise<Crew | null>;
  list(page: PageQuery): Promise<Page<Crew>>;
  remove(id: string, atMs: number): Promise<boolean>;
}

export interface Alerts {
  /** Stores events that are new by key and the alert as it then stands. Returns the new ones, in order. */
  apply(events: readonly AlertEvent[]): Promise<readonly AlertEvent[]>;
  get(id: string): Promise<Alert | null>;
  list(
    page: PageQuery & {
      readonly state?: Alert['state'] | undefined;
      readonly equipment?: string | undefined;
      readonly ticket?: string | undefined;
    },
  ): Promise<Page<Alert>>;
  /** Active alerts of these equipments. */
  active(equipment: readonly string[]): Promise<readonly Alert[]>;
  timeline(id: string): Promise<readonly AlertEntry[]>;
  /** Acknowledge or comment by a person, or `ticketed` by the desk (then `ticket` is set on the alert). */
  note(entry: AlertEntry, ticket?: string): Promise<void>;
}

/**
 * A closed or cancelled ticket cannot be opened again, because another one is open on the same
 * (equipment, unit, component): work goes on in that one.
 */
export class TicketExistsError extends Error {
  override readonly name = 'TicketExistsError';
  readonly ticket: string;
  /** Id of the ticket that is open. */
  readonly other: string;
  constructor(ticket: string, other: string) {
    super(`ticket ${ticket} cannot be opened again: ticket ${other} is open for the same item`);
    this.ticket = ticket;
    this.other = other;
  }
}

/** Opening and stepping a ticket also writes what it says to whom, and its clocks (notices.ts). */
export interface Tickets {
  /**
   * Inserts a new ticket with its first timeline line, unless one that is not closed or cancelled exists
   * on the same (equipment, unit, component): then nothing is written and that one is returned.
   */
  open(ticket: Ticket, entry: TicketEntry): Promise<{ readonly opened: boolean; readonly ticket: Ticket }>;
  /**
   * Writes the ticket's next version with its timeline line.
   * Returns false, and writes nothing, when the stored version is not `ticket.version - 1`.
   * @throws TicketExistsError when it would reopen the ticket while another is open on its key; nothing is
   *   written, and the transaction may go on
   */
  step(ticket: Ticket, entry: TicketEntry): Promise<boolean>;
  get(id: string): Promise<Ticket | null>;
  /** The one that is not closed or cancelled. */
  openFor(equipment: string, unit: string, component: string): Promise<Ticket | null>;
  list(
    page: PageQuery & {
      readonly state?: readonly TicketState[] | undefined;
      readonly equipment?: string | undefined;
      readonly crew?: string | undefined;
    },
  ): Promise<Page<Ticket>>;
  timeline(id: string): Promise<readonly TicketEntry[]>;
  /** Not closed or cancelled tickets whose `acknowledgeByMs` or `holdUntilMs` is at or before `nowMs`, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Ticket[]>;
  /** Tickets that wait for a crew: `open`, not held. */
  unassigned(nowMs: number, limit: number): Promise<readonly Ticket[]>;
  /** Crews that have a ticket in dispatched…onsite (waiting excluded), with how many. */
  load(): Promise<ReadonlyMap<string, number>>;
  /** Repairs said since `sinceMs`: tickets of an equipment that were resolved, newest last. */
  repairs(equipment: string, sinceMs: number): Promise<readonly Ticket[]>;
}

export interface People {
  put(user: User, atMs: number): Promise<void>;
  get(id: string): Promise<User | null>;
  list(page: PageQuery): Promise<Page<User>>;
  count(): Promise<number>;
  disable(id: string, atMs: number): Promise<boolean>;
  grant(grant: Grant): Promise<void>;
  /** Not expired at `nowMs`, and its user not disabled. */
  granted(hash: string, nowMs: number): Promise<Grant | null>;
  revoke(hash: string): Promise<void>;
}

export interface Readers {
  claim(reader: string, partition: number): Promise<Lease>;
  /** Moves the offset. @throws LeaseLostError */
  commit(lease: Lease, offset: number): Promise<void>;
  /** Every reader's committed offset (readers' lag, and how far the log may be trimmed). */
  offsets(): Promise<
    readonly { readonly reader: string; readonly partition: number; readonly offset: number }[]
  >;
  /** Replaces the checkpoints of these keys (an equipment's engine state as JSON text). */
  saveCheckpoints(
    reader: string,
    partition: number,
    states: readonly { readonly key: string; readonly state: string }[],
  ): Promise<void>;
  loadCheckpoints(
    reader: string,
    partition: number,
  ): Promise<readonly { readonly key: string; readonly state: string }[]>;
  /** Idempotent by (partition, offset, index). Keeps the newest 10,000. */
  quarantine(items: readonly Quarantined[]): Promise<void>;
  quarantined(page: PageQuery): Promise<Page<Quarantined>>;
  quarantineCounts(): Promise<readonly { readonly reason: string; readonly count: number }[]>;
}

export interface Audit {
  /** Appends to a hash chain: each entry carries the hash of the one before it. */
  add(entry: AuditEntry): Promise<void>;
  list(page: PageQuery): Promise<Page<AuditEntry & { readonly id: number; readonly hash: string }>>;
}

export interface Idempotency {
  /** The stored answer for this actor and key, or null. */
  get(
    actor: string,
    key: string,
  ): Promise<{ readonly request: string; readonly status: number; readonly body: string } | null>;
  /** First writer wins. Kept for 24 h. */
  put(
    actor: string,
    key: string,
    answer: { readonly request: string; readonly status: number; readonly body: string },
    atMs: number,
  ): Promise<void>;
}

export interface Settings {
  get(key: string): Promise<string | null>;
  /** Stores only where the key is absent; returns what is stored then. */
  init(key: string, value: string): Promise<string>;
  set(key: string, value: string): Promise<void>;
}

/** An hour of an equipment of which something was stored, up to this record of the log. */
export interface DueHour {
  readonly equipment: string;
  /** Its start, Unix ms. */
  readonly hourMs: number;
  readonly logOffset: number;
}

/** Hours whose hourly values are to be computed anew: the recorder marks them with its offset. */
export interface Hours {
  mark(hours: readonly DueHour[]): Promise<void>;
  /** Hours that begin before `beforeMs`, the oldest first. */
  due(beforeMs: number, limit: number): Promise<readonly DueHour[]>;
  /** They are computed; one that was marked again meanwhile stays. */
  done(hours: readonly DueHour[]): Promise<void>;
}

export interface LedgerNouns {
  readonly sites: Sites;
  readonly equipment: EquipmentBook;
  readonly credentials: Credentials;
  readonly crews: Crews;
  readonly alerts: Alerts;
  readonly tickets: Tickets;
  readonly people: People;
  readonly readers: Readers;
  readonly audit: Audit;
  readonly idempotency: Idempotency;
  readonly settings: Settings;
  readonly hours: Hours;
  readonly channels: Channels;
  readonly notices: Notices;
  readonly outbox: Outbox;
  readonly clocks: Clocks;
}

export interface Ledger extends LedgerNouns {
  /** Everything that `work` does on `tx` commits together; a throw rolls all of it back. */
  transaction<T>(work: (tx: LedgerNouns) => Promise<T>): Promise<T>;
  /**
   * As `transaction`, for claims alone: it does not wait for those that write, nor they for it, and many may claim at
   * the same time. Nothing may be written that others hear of (a change event is refused), and only what `outbox.hold`
   * holds or `claim` takes: a claim waits for no lock.
   */
  claiming<T>(work: (tx: LedgerNouns) => Promise<T>): Promise<T>;
  /**
   * Changes after `cursor` (null: from the first kept), in commit order without gaps, at most `limit`.
   * Tell the two errors by their names.
   * @throws ChangesLostError when some after `cursor` are no longer kept
   * @throws CursorError when `cursor` is beyond `head()`, as one of another ledger can be, or no cursor at all
   */
  changes(after: string | null, limit: number): Promise<readonly Change[]>;
  /** The cursor of the newest change; null when there is none. */
  head(): Promise<string | null>;
  /**
   * Calls `listener` soon (≤ 100 ms) after a commit that wrote a change, also one by another process.
   * Returns the unsubscribe function.
   */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
