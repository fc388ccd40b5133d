import { type Kysely, sql } from 'kysely';
import { BATCH_ROWS } from './batch.ts';
import { type Engine, MIGRATIONS, migrate } from './migrations/migrate.ts';
import { LEDGER_TABLES, type LedgerTable, MIGRATION_TABLE } from './tables.ts';

/**
 * A ledger read, and written, as a whole: for backups. Rows are as they lie in the database, by column, so that those of one
 * engine can be put into another.
 */
export type StoredRow = Readonly<Record<string, string | number | null>>;

/** A database as it was at one moment, to read from while others write. */
export interface SqlSnapshot {
  readonly engine: Engine;
  /** One statement at a time. Rows come as they are read. */
  ask(statement: string): AsyncIterable<StoredRow>;
  close(): Promise<void>;
}

export interface WholeTable extends LedgerTable {
  /** The last number that the database gave in it; null where it numbers none. */
  readonly lastNumber: number | null;
}

/** What a ledger's tables are like. */
export interface WholeLedger {
  /** Migrations that were done, in order; none: there is no ledger. */
  readonly schema: readonly string[];
  /** Parents before the rows that point at them. */
  readonly tables: readonly WholeTable[];
}

/** The rows of a whole answer. */
export const allOf = async (rows: AsyncIterable<StoredRow>): Promise<StoredRow[]> => {
  const all: StoredRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
};

const TABLES_OF: Readonly<Record<Engine, string>> = {
  sqlite: "select name from sqlite_master where type = 'table'",
  postgres: 'select tablename as name from pg_tables where schemaname = current_schema()',
};

/** Names of the ledger's tables that are there. */
export const tablesIn = async (snapshot: SqlSnapshot): Promise<ReadonlySet<string>> => {
  const names = (await allOf(snapshot.ask(TABLES_OF[snapshot.engine]))).map(({ name }) => String(name));
  const ours = new Set([MIGRATION_TABLE, ...LEDGER_TABLES.map(({ name }) => name)]);
  return new Set(names.filter((name) => ours.has(name)));
};

const lastNumberOf = async ({ engine, ask }: SqlSnapshot, table: string): Promise<number> => {
  const statement =
    engine === 'sqlite'
      ? `select seq as last from sqlite_sequence where name = '${table}'`
      : `select case when is_called then last_value else 0 end as last from ${table}_id_seq`;
  const [row] = await allOf(ask(statement));
  return Number(row?.last ?? 0);
};

/** @throws where a newer version of Precall wrote it */
export const wholeLedger = async (snapshot: SqlSnapshot): Promise<WholeLedger> => {
  const there = await tablesIn(snapshot);
  if (!there.has(MIGRATION_TABLE)) return { schema: [], tables: [] };
  const done = await allOf(snapshot.ask(`select name from ${MIGRATION_TABLE} order by name`));
  const schema = done.map(({ name }) => String(name));
  const newer = newerThanThis(schema);
  if (newer)
    throw new Error(
      `the ledger was written by a newer version of Precall (migration ${newer}): use that version`,
    );
  const tables: WholeTable[] = [];
  for (const table of LEDGER_TABLES.filter(({ name }) => there.has(name))) {
    const lastNumber = table.isNumbered ? await lastNumberOf(snapshot, table.name) : null;
    tables.push({ ...table, lastNumber });
  }
  return { schema, tables };
};

/** The first migration that this version does not know. */
export const newerThanThis = (schema: readonly string[]): string | null =>
  schema.find((name) => !MIGRATIONS.includes(name)) ?? null;

/** All rows, in the order of their key. */
export const wholeTable = (snapshot: SqlSnapshot, { name, key }: LedgerTable): AsyncIterable<StoredRow> =>
  snapshot.ask(`select * from ${name} order by ${key.join(', ')}`);

type AnyTable = Record<string, Record<string, string | number | null>>;

/** A ledger's database that is empty still, opened to be filled. */
export interface EmptyLedger {
  readonly engine: Engine;
  /** Without plugins: names as they are in the database. */
  readonly db: Kysely<AnyTable>;
  close(): Promise<void>;
}

export interface StoredTable {
  readonly name: string;
  readonly lastNumber: number | null;
  readonly rows: () => AsyncIterable<StoredRow>;
}

const setLastNumber = async (
  db: Kysely<AnyTable>,
  engine: Engine,
  { name, lastNumber }: StoredTable,
): Promise<void> => {
  if (lastNumber === null || lastNumber === 0) return;
  if (engine === 'postgres') {
    await sql`select setval(${`${name}_id_seq`}, ${lastNumber})`.execute(db);
    return;
  }
  await sql`delete from sqlite_sequence where name = ${name}`.execute(db);
  await sql`insert into sqlite_sequence (name, seq) values (${name}, ${lastNumber})`.execute(db);
};

const fill = async (db: Kysely<AnyTable>, { name, rows }: StoredTable): Promise<void> => {
  let batch: StoredRow[] = [];
  const put = async (): Promise<void> => {
    if (batch.length > 0) await db.insertInto(name).values(batch).execute();
    batch = [];
  };
  for await (const row of rows()) {
    batch.push(row);
    if (batch.length === BATCH_ROWS) await put();
  }
  await put();
};

/**
 * Makes the tables as they were in `schema`, fills them in the order given, and brings them up to this version: all of it in
 * one transaction. @throws where anything of it fails; then nothing was made
 */
export const fillLedger = (
  { db, engine }: EmptyLedger,
  schema: readonly string[],
  tables: readonly StoredTable[],
) =>
  db.transaction().execute(async (tx) => {
    const last = schema.at(-1);
    if (last === undefined) throw new Error('a ledger without migrations');
    await migrate(tx, engine, last);
    // A migration may put rows where there were none; those are among the ones that follow.
    for (const { name } of [...tables].reverse()) await tx.deleteFrom(name).execute();
    for (const table of tables) {
      await fill(tx, table);
      await setLastNumber(tx, engine, table);
    }
    await migrate(tx, engine);
  });
