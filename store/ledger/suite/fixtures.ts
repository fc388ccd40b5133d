import type { AlertEntry, AlertEvent } from '../../../core/alert/alert.ts';
import type { Ticket, TicketEntry } from '../../../core/ticket/ticket.ts';
import type { Ledger, Page, PageQuery } from '../../ledger.ts';

/** One place of storage that a ledger can be opened on again and again. */
export interface LedgerStorage {
  /** Opens the ledger that lies there; the caller closes it. */
  open(options: LedgerSuiteOptions): Promise<Ledger>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

export interface LedgerSuiteOptions {
  readonly clock: () => number;
  readonly keepChanges?: number;
}

/** What a part of the suite works on: a fresh ledger for every test, and its clock. */
export interface Bench {
  readonly ledger: () => Ledger;
  /** Closes and opens again, on the same storage. */
  readonly reopen: (options?: { readonly keepChanges?: number }) => Promise<Ledger>;
  readonly setTime: (nowMs: number) => void;
}

export const NOW_MS = 1_767_225_600_000;
export const HOUR_MS = 3_600_000;

export const event = (
  offset: number,
  type: AlertEvent['type'],
  changed: Partial<AlertEvent> = {},
): AlertEvent => ({
  key: { partition: 0, offset, index: 0 },
  alert: 'a1',
  type,
  reason: type === 'cleared' ? 'back-within-limit' : 'limit-exceeded',
  atMs: NOW_MS + offset,
  receivedAtMs: NOW_MS + offset + 5,
  equipment: 'g1',
  unit: 'bay7',
  component: 'hoist',
  rule: 'limit:hoistCurrentA:high',
  severity: 'S2',
  evidence: {
    detector: { name: 'limit', version: 1 },
    metric: 'hoistCurrentA',
    code: null,
    window: { fromMs: NOW_MS, toMs: NOW_MS + offset },
    expected: { low: 5, high: 12 },
    seen: 12 + offset,
    crossing: null,
    sample: { tsMs: [NOW_MS], value: [12.5] },
    detail: null,
  },
  ...changed,
});

export const noted = (type: AlertEntry['type'], changed: Partial<AlertEntry> = {}): AlertEntry => ({
  alert: 'a1',
  atMs: NOW_MS + 100,
  type,
  reason: type,
  actor: 'lin',
  note: null,
  ...changed,
});

export const ticket = (changed: Partial<Ticket> = {}): Ticket => ({
  id: 't1',
  equipment: 'g1',
  unit: 'bay7',
  site: 's1',
  component: 'hoist',
  cause: 'drift:hoistCurrentA',
  severity: 'S2',
  state: 'open',
  source: 'telemetry',
  openedAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
  version: 1,
  alerts: ['a1'],
  crew: null,
  asked: [],
  acknowledgeByMs: null,
  holdUntilMs: null,
  acknowledgedAtMs: null,
  departedAtMs: null,
  arrivedAtMs: null,
  etaAtMs: null,
  dueAtMs: NOW_MS + 4 * HOUR_MS,
  resolvedAtMs: null,
  closedAtMs: null,
  closeReason: null,
  reporter: null,
  words: null,
  ...changed,
});

export const line = (of: Ticket, what: string, changed: Partial<TicketEntry> = {}): TicketEntry => ({
  ticket: of.id,
  version: of.version,
  atMs: of.updatedAtMs,
  heardAtMs: of.updatedAtMs,
  what,
  actor: 'system',
  from: null,
  to: of.state,
  crew: of.crew,
  reason: null,
  note: null,
  ...changed,
});

/** The ticket's next version. */
export const after = (of: Ticket, changed: Partial<Ticket>): Ticket => ({
  ...of,
  ...changed,
  version: of.version + 1,
});

/** Opens a ticket; a ticket that was not opened fails the test. */
export const opened = async (ledger: Ledger, changed: Partial<Ticket> = {}): Promise<Ticket> => {
  const one = ticket(changed);
  const result = await ledger.tickets.open(one, line(one, 'opened'));
  if (!result.opened) throw new Error(`ticket ${one.id} was not opened`);
  return one;
};

/** Steps a ticket; a step that was not taken fails the test. */
export const stepped = async (ledger: Ledger, of: Ticket, changed: Partial<Ticket>): Promise<Ticket> => {
  const next = after(of, changed);
  if (!(await ledger.tickets.step(next, line(next, 'stepped')))) throw new Error('the step was not taken');
  return next;
};

/** Reads every page. `between` runs after each page, to disturb the paging. */
export const allPages = async <T>(
  list: (page: PageQuery) => Promise<Page<T>>,
  limit: number,
  between: () => Promise<unknown> = async () => {},
): Promise<T[]> => {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit, cursor });
    if (page.rows.length > limit) throw new Error('a page is longer than its limit');
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
    await between();
  } while (cursor !== undefined);
  return rows;
};

export const whats = async (ledger: Ledger): Promise<string[]> =>
  (await ledger.changes(null, 10_000)).map(({ kind, id, what }) => `${kind} ${id} ${what}`);
