import { existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { allOf, wholeLedger } from '../../store/ledger/whole.ts';
import { openSqliteLedgerSnapshot } from '../../store/sqlite/ledger-whole.ts';
import { decodeGroup } from '../../store/sqlite/log.codec.ts';
import { openSnapshot } from '../../store/sqlite/snapshot.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';
import { type Space, size } from './space.ts';

/** What the embedded files tell without being read whole; `verify` does that. */
export interface Looked {
  readonly finding: Finding;
  /** Newest time of this machine's clock in it, Unix ms. */
  readonly newestMs: number | null;
}

const RESTORE = 'see what is left of it with precall verify, or restore a backup';

const notYet = (check: string): Looked => ({ finding: ok(check, 'none yet'), newestMs: null });

const number = (db: DatabaseSync, sql: string): number | null => {
  const value = Object.values(db.prepare(sql).get() ?? {})[0];
  return value === undefined || value === null ? null : Number(value);
};

const looking = <T>(path: string, what: string, look: (db: DatabaseSync) => T): T => {
  const { db, close } = openSnapshot(path, what);
  try {
    return look(db);
  } finally {
    close();
  }
};

/** When the newest record was received. */
const newestRecordMs = (db: DatabaseSync): number | null => {
  const row = db.prepare('SELECT body FROM groups ORDER BY first DESC LIMIT 1').get();
  return row === undefined ? null : (decodeGroup(row.body as Uint8Array).at(-1)?.receivedAtMs ?? null);
};

const HELD = `SELECT (SELECT total FROM groups ORDER BY first DESC LIMIT 1)
  - (SELECT total - length(body) FROM groups ORDER BY first LIMIT 1)`;
const MUCH = 0.8;

export const lookAtLog = (path: string, maxBytes: number): Looked => {
  if (!existsSync(path)) return notYet('log');
  try {
    const { held, newestMs } = looking(path, 'log', (db) => ({
      held: number(db, HELD) ?? 0,
      newestMs: newestRecordMs(db),
    }));
    const detail = `${size(held)} of ${size(maxBytes)} (PRECALL_LOG_MAX) wait for readers or to be dropped`;
    const mend = 'see at /readyz which reader stands still; raise PRECALL_LOG_MAX where the disk has room';
    if (held >= maxBytes)
      return { finding: fail('log', `${detail}: nothing is acknowledged`, mend), newestMs };
    return {
      finding: held >= maxBytes * MUCH ? warn('log', detail, mend) : ok('log', detail),
      newestMs,
    };
  } catch (cause) {
    return { finding: fail('log', (cause as Error).message, RESTORE), newestMs: null };
  }
};

export const lookAtLedger = async (path: string): Promise<Looked> => {
  if (!existsSync(path)) return notYet('ledger');
  try {
    const snapshot = openSqliteLedgerSnapshot(path);
    try {
      const { schema } = await wholeLedger(snapshot);
      const [version] = await allOf(snapshot.ask('select sqlite_version() as version'));
      const [audit] =
        schema.length > 0 ? await allOf(snapshot.ask('select max(at_ms) as newest from audit')) : [];
      const newestMs = audit?.newest === null || audit === undefined ? null : Number(audit.newest);
      return {
        finding: ok('ledger', `SQLite ${version?.version}, ${schema.at(-1) ?? 'no tables yet'}`),
        newestMs,
      };
    } finally {
      await snapshot.close();
    }
  } catch (cause) {
    return { finding: fail('ledger', (cause as Error).message, RESTORE), newestMs: null };
  }
};

export const lookAtTelemetry = (
  path: string,
  retentionMs: number,
): { readonly finding: Finding; readonly space: Space['telemetry'] } => {
  if (!existsSync(path)) return { finding: ok('telemetry', 'none yet'), space: null };
  try {
    return looking(path, 'telemetry', (db) => {
      const points = number(db, 'SELECT points FROM total') ?? 0;
      const first = number(db, 'SELECT min(first) FROM series');
      const last = number(db, 'SELECT max(last) FROM series');
      const fileBytes = statSync(path).size;
      return {
        finding: ok('telemetry', `SQLite, ${points} numbers, ${size(fileBytes)}`),
        space: { fileBytes, spanMs: first === null || last === null ? 0 : last - first, retentionMs },
      };
    });
  } catch (cause) {
    return { finding: fail('telemetry', (cause as Error).message, RESTORE), space: null };
  }
};
