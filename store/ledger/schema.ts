import type { Generated, Kysely, Selectable } from 'kysely';
import type { ChangeKind } from '../ledger.ts';

/**
 * The ledger's tables, as the noun files see them. In the database names are snake_case. Times are Unix ms,
 * truth values 0 or 1, lists and objects JSON text, so that SQLite and PostgreSQL hold the same.
 */
export interface Schema {
  sites: { id: string; name: string; lat: number | null; lon: number | null; timeZone: string };
  equipment: EquipmentTable;
  credentials: { id: string; secretHash: string; equipment: string; revoked: number };
  crews: CrewTable;
  alerts: AlertTable;
  alertTimeline: AlertTimelineTable;
  tickets: TicketTable;
  ticketTimeline: TicketTimelineTable;
  people: { id: string; role: string; crew: string | null; passwordHash: string; disabled: number };
  grants: GrantTable;
  leases: { reader: string; logPartition: number; epoch: number; logOffset: number };
  checkpoints: { reader: string; logPartition: number; key: string; state: string };
  quarantine: QuarantineTable;
  quarantineCounts: { reason: string; count: number };
  audit: {
    id: number;
    atMs: number;
    actor: string;
    action: string;
    subject: string;
    detail: string;
    hash: string;
  };
  idempotency: IdempotencyTable;
  settings: { key: string; value: string };
  dueHours: { equipment: string; hourMs: number; logOffset: number };
  changes: { seq: number; kind: ChangeKind; id: string; what: string; atMs: number };
  counters: { name: string; value: number };
  channels: ChannelTable;
  notices: NoticeTable;
  noticeReads: { notice: number; reader: string; atMs: number };
  outbox: OutboxTable;
  clocks: ClockTable;
}

interface EquipmentTable {
  id: string;
  site: string;
  model: string;
  name: string;
  online: string;
  onlineAtMs: number | null;
  firmware: string | null;
  connectionId: string | null;
}

interface CrewTable {
  id: string;
  name: string;
  station: string | null;
  lat: number;
  lon: number;
  skills: string;
  shifts: string;
  timeZone: string;
  active: number;
}

interface AlertTable {
  id: string;
  equipment: string;
  unit: string;
  component: string;
  rule: string;
  severity: string;
  state: string;
  raisedAtMs: number;
  raisedHeardAtMs: number;
  updatedAtMs: number;
  clearedAtMs: number | null;
  reason: string;
  acknowledgedAtMs: number | null;
  acknowledgedBy: string | null;
  ticket: string | null;
  evidence: string;
}

/** Log columns are set for what the watcher saw, null for what people and the desk added. */
interface AlertTimelineTable {
  id: Generated<number>;
  alert: string;
  logPartition: number | null;
  logOffset: number | null;
  logIndex: number | null;
  atMs: number;
  type: string;
  reason: string;
  actor: string | null;
  note: string | null;
  severity: string | null;
  evidence: string | null;
}

interface TicketTable {
  id: string;
  equipment: string;
  unit: string;
  site: string;
  component: string;
  cause: string;
  severity: string;
  state: string;
  source: string;
  openedAtMs: number;
  updatedAtMs: number;
  version: number;
  alerts: string;
  crew: string | null;
  asked: string;
  acknowledgeByMs: number | null;
  holdUntilMs: number | null;
  acknowledgedAtMs: number | null;
  departedAtMs: number | null;
  arrivedAtMs: number | null;
  etaAtMs: number | null;
  dueAtMs: number;
  resolvedAtMs: number | null;
  closedAtMs: number | null;
  closeReason: string | null;
  reporter: string | null;
  words: string | null;
}

interface TicketTimelineTable {
  ticket: string;
  version: number;
  atMs: number;
  heardAtMs: number;
  what: string;
  actor: string;
  fromState: string | null;
  toState: string;
  crew: string | null;
  reason: string | null;
  note: string | null;
}

interface GrantTable {
  hash: string;
  kind: string;
  subject: string;
  role: string;
  crew: string | null;
  createdAtMs: number;
  expiresAtMs: number | null;
}

interface QuarantineTable {
  id: Generated<number>;
  logPartition: number;
  logOffset: number;
  logIndex: number;
  equipment: string;
  channel: string;
  reason: string;
  detail: string;
  atMs: number;
  payload: string;
}

interface IdempotencyTable {
  id: Generated<number>;
  actor: string;
  key: string;
  request: string;
  status: number;
  body: string;
  atMs: number;
}

interface ChannelTable {
  id: string;
  kind: string;
  url: string;
  secret: string;
  audience: string;
  language: string;
  perMinute: number;
  disabled: number;
  createdAtMs: number;
  failures: number;
  pausedUntilMs: number | null;
  pauseReason: string | null;
  lastSentAtMs: number | null;
}

/** `key` is the notice's derived id. */
interface NoticeTable {
  id: Generated<number>;
  key: string;
  kind: string;
  audience: string;
  atMs: number;
  ticket: string | null;
  version: number;
  site: string | null;
  severity: string | null;
  crew: string | null;
  channel: string | null;
  reason: string | null;
}

/** Ticket and kind are the notice's: what stands in line behind what is asked by them. */
interface OutboxTable {
  id: Generated<number>;
  notice: number;
  channel: string;
  ticket: string | null;
  kind: string;
  state: string;
  attempts: number;
  dueAtMs: number;
  leaseUntilMs: number | null;
  epoch: number;
  message: string | null;
  reason: string | null;
  passed: number;
  createdAtMs: number;
  triedAtMs: number | null;
  endedAtMs: number | null;
}

interface ClockTable {
  key: string;
  kind: string;
  ticket: string;
  dueAtMs: number;
  payload: string;
  leaseUntilMs: number | null;
}

/** A row as it is read. */
export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;

/** What a noun works on: an executor (a transaction, or a connection that reads) and where changes go. */
export interface Scope {
  readonly db: Kysely<Schema>;
  /** Claims beside others: what they hold is passed over (FOR UPDATE SKIP LOCKED). */
  readonly skipsLocked: boolean;
  readonly clock: () => number;
  /** Notes a change event; it is written when the transaction commits. */
  readonly change: (kind: ChangeKind, id: string, what: string, atMs: number) => void;
}
