import type { DatabaseSync } from 'node:sqlite';

/** Of a log's file that another process may have open. */
export interface StoredExtent {
  /** Null: a file from before logs had one. */
  readonly id: string | null;
  readonly firstOffset: number;
  /** Equals `firstOffset` where it holds nothing. */
  readonly nextOffset: number;
}

export const storedExtent = (db: DatabaseSync): StoredExtent => {
  const number = (sql: string): number | null => {
    const value = Object.values(db.prepare(sql).get() ?? {})[0];
    return value === undefined || value === null ? null : Number(value);
  };
  const hasIdentity = number("SELECT count(*) FROM sqlite_master WHERE name = 'identity'") === 1;
  const found = hasIdentity ? db.prepare('SELECT log FROM identity').get() : undefined;
  const floor = number('SELECT next FROM floor') ?? 0;
  return {
    id: found === undefined ? null : String(found.log),
    firstOffset: number('SELECT min(first) FROM groups') ?? floor,
    nextOffset: number('SELECT first + count FROM groups ORDER BY first DESC LIMIT 1') ?? floor,
  };
};
