import type { Schema } from './schema.ts';

/**
 * The ledger's tables, for whoever reads or writes them whole (backup, verify). Parents stand before the rows that point at
 * them. Names as in the database. A test (whole.test.ts) holds it to what the migrations make.
 */
export interface LedgerTable {
  readonly name: string;
  /** Columns that tell one row from all others, in the order in which rows are read. */
  readonly key: readonly string[];
  /** The database numbers its rows, and never gives a number twice. */
  readonly isNumbered: boolean;
  /** Columns whose text is JSON. */
  readonly json: readonly string[];
  /** Column → table whose `id` it must be. */
  readonly pointsAt: Readonly<Record<string, string>>;
}

type Row = Partial<Omit<LedgerTable, 'name'>> & { readonly key: readonly string[] };

/** Every table of the schema, or this does not compile. */
const TABLES: Readonly<Record<keyof Schema, Row>> = {
  sites: { key: ['id'] },
  equipment: { key: ['id'] },
  credentials: { key: ['id'], json: ['equipment'] },
  crews: { key: ['id'], json: ['skills', 'shifts'] },
  alerts: { key: ['id'], json: ['evidence'] },
  alertTimeline: { key: ['id'], isNumbered: true, json: ['evidence'], pointsAt: { alert: 'alerts' } },
  tickets: { key: ['id'], json: ['alerts', 'asked'] },
  ticketTimeline: { key: ['ticket', 'version'], pointsAt: { ticket: 'tickets' } },
  people: { key: ['id'] },
  grants: { key: ['hash'] },
  leases: { key: ['reader', 'log_partition'] },
  checkpoints: { key: ['reader', 'log_partition', 'key'], json: ['state'] },
  quarantine: { key: ['id'], isNumbered: true },
  quarantineCounts: { key: ['reason'] },
  audit: { key: ['id'], json: ['detail'] },
  idempotency: { key: ['id'], isNumbered: true },
  settings: { key: ['key'] },
  dueHours: { key: ['equipment', 'hour_ms'] },
  changes: { key: ['seq'] },
  counters: { key: ['name'] },
  channels: { key: ['id'] },
  notices: { key: ['id'], isNumbered: true },
  noticeReads: { key: ['notice', 'reader'] },
  outbox: { key: ['id'], isNumbered: true },
  clocks: { key: ['key'], json: ['payload'] },
};

const inDatabase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const LEDGER_TABLES: readonly LedgerTable[] = Object.entries(TABLES).map(([name, row]) => ({
  isNumbered: false,
  json: [],
  pointsAt: {},
  ...row,
  name: inDatabase(name),
}));

/** Where Kysely's migrator notes what it has done. */
export const MIGRATION_TABLE = 'kysely_migration';
