import { readRecord } from '../../store/ledger/json.ts';
import type { LedgerTable } from '../../store/ledger/tables.ts';
import { type AuditVerdict, auditChain } from '../../store/ledger/verify-audit.ts';
import type { StoredRow } from '../../store/ledger/whole.ts';
import type { AuditEntry } from '../../store/ledger.ts';
import { type Finding, fail, ok } from '../finding.ts';

/** A ledger's rows, wherever they lie: in a database, or in a backup. */
export interface LedgerRows {
  readonly tables: readonly LedgerTable[];
  /** In the order of the table's key. */
  rows(table: string): AsyncIterable<StoredRow>;
}

const KEEP = 'leave it as it is, and compare it with a backup: precall verify --backup DIR';

const toEntry = (row: StoredRow): AuditEntry & { readonly id: number; readonly hash: string } => ({
  id: Number(row.id),
  atMs: Number(row.at_ms),
  actor: String(row.actor),
  action: String(row.action),
  subject: String(row.subject),
  detail: readRecord(String(row.detail)),
  hash: String(row.hash),
});

const walk = async ({ rows }: LedgerRows): Promise<AuditVerdict> => {
  let taken = 0;
  for await (const { name, value } of rows('counters')) if (name === 'audit') taken = Number(value);
  const chain = auditChain();
  for await (const row of rows('audit')) {
    const broken = chain.next(toEntry(row));
    if (broken) return broken;
  }
  return chain.end(taken);
};

/** The chain of hashes from its first entry to its last. */
export const checkAudit = async (ledger: LedgerRows): Promise<Finding> => {
  const verdict = await walk(ledger);
  return verdict.ok
    ? ok('audit', `${verdict.entries} entries, head ${verdict.head}`)
    : fail('audit', verdict.detail, KEEP);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

type Parents = ReadonlyMap<string, ReadonlySet<unknown>>;

const problemOf = ({ json, pointsAt }: LedgerTable, parents: Parents, row: StoredRow): string | null => {
  for (const column of json) {
    const value = row[column];
    if (typeof value === 'string' && !isJson(value)) return `${column} is no JSON`;
  }
  for (const [column, parent] of Object.entries(pointsAt)) {
    if (parents.get(parent)?.has(row[column]) === false)
      return `${column} ${row[column]} is not in ${parent}`;
  }
  return null;
};

/** Rows that others point at are remembered by their ids. */
const checkTable = async (
  ledger: LedgerRows,
  table: LedgerTable,
  parents: Map<string, Set<unknown>>,
): Promise<{ readonly count: number; readonly problem: string | null }> => {
  const isParent = ledger.tables.some(({ pointsAt }) => Object.values(pointsAt).includes(table.name));
  const ids = new Set<unknown>();
  let count = 0;
  for await (const row of ledger.rows(table.name)) {
    const problem = problemOf(table, parents, row);
    if (problem !== null) {
      const key = table.key.map((column) => `${column} ${row[column]}`).join(', ');
      return { count, problem: `${table.name} (${key}): ${problem}` };
    }
    count += 1;
    if (isParent) ids.add(row.id);
  }
  if (isParent) parents.set(table.name, ids);
  return { count, problem: null };
};

/** Every row: its JSON can be read, and what it points at is there. `counts`: how many rows there must be. */
export const checkRows = async (
  ledger: LedgerRows,
  counts: ReadonlyMap<string, number> = new Map(),
): Promise<Finding> => {
  const parents = new Map<string, Set<unknown>>();
  let all = 0;
  for (const table of ledger.tables) {
    const { count, problem } = await checkTable(ledger, table, parents);
    if (problem !== null) return fail('ledger', problem, KEEP);
    const wanted = counts.get(table.name) ?? count;
    if (wanted !== count)
      return fail('ledger', `${table.name} has ${count} rows, not ${wanted}`, 'take another backup');
    all += count;
  }
  return ok('ledger', `${all} rows of ${ledger.tables.length} tables`);
};
