import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Gate } from '../ledger/gate.ts';
import { LedgerFullError } from '../ledger.ts';

interface Connection extends DatabaseConnection {
  run(sql: string): Promise<void>;
  /** After the end of its transaction a connection is dead. */
  end(): void;
  /** Gives the server's connection back, or throws it away where it may be broken. */
  release(): void;
}

/** SQLSTATE, PostgreSQL manual, appendix A: disk full, out of memory. */
const FULL = new Set(['53100', '53200']);

const codeOf = (error: unknown): string | null => {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
};

/** Not an answer of the server about a statement: the connection itself is in doubt (class 08, 57P: shutdown). */
const isBroken = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === null || code.startsWith('08') || code.startsWith('57P');
};

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const connectionOf = (client: PoolClient): Connection => {
  let isOver = false;
  let broken: Error | null = null;
  // The pool listens to idle connections only. One that is lost between two statements of a transaction tells it by
  // an event, and an `error` event that nobody hears ends the process.
  const onLost = (error: Error): void => {
    broken = error;
  };
  client.on('error', onLost);
  const ask = async (text: string, values: unknown[]) => {
    try {
      return await client.query(text, values);
    } catch (error) {
      if (isBroken(error)) broken = error as Error;
      const code = codeOf(error);
      if (code !== null && FULL.has(code))
        throw new LedgerFullError(`the database server has no room: ${(error as Error).message}`);
      throw error;
    }
  };
  return {
    end: () => {
      isOver = true;
    },
    release: () => {
      client.release(broken ?? undefined);
      client.removeListener('error', onLost);
    },
    run: async (sql) => void (await ask(sql, [])),
    executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
      if (isOver) throw new Error('this transaction is over: await everything that you do with its `tx`');
      const { rows, rowCount, command } = await ask(sql, [...parameters]);
      return {
        rows: rows as R[],
        ...(WRITES.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}),
      };
    },
    streamQuery: () => {
      throw new Error('the ledger does not stream: read in pages');
    },
  };
};

export interface PostgresDialectOptions {
  readonly pool: Pool;
  /** Who may use the pool at the same time, and how many may wait. */
  readonly gate: Gate;
  /** Said in each transaction before anything else. */
  readonly first: string;
}

const createDriver = ({ pool, gate, first }: PostgresDialectOptions): Driver => {
  const of = (connection: DatabaseConnection): Connection => connection as Connection;
  /** A connection that is gone has rolled back by itself; why it went is what the caller hears. */
  const undo = (connection: DatabaseConnection): Promise<void> =>
    of(connection)
      .run('rollback')
      .catch(() => undefined);
  return {
    init: async () => {},
    acquireConnection: async () => {
      await gate.enter();
      try {
        return connectionOf(await pool.connect());
      } catch (error) {
        gate.leave();
        throw error;
      }
    },
    releaseConnection: async (connection) => {
      of(connection).end();
      of(connection).release();
      gate.leave();
    },
    beginTransaction: async (connection) => {
      await of(connection).run('begin');
      try {
        await of(connection).run(first);
      } catch (error) {
        // Kysely rolls back what has begun, and this has not in its eyes: the next who got the connection would be in it.
        await undo(connection);
        throw error;
      }
    },
    commitTransaction: async (connection) => {
      of(connection).end();
      await of(connection).run('commit');
    },
    rollbackTransaction: async (connection) => {
      of(connection).end();
      await undo(connection);
    },
    destroy: async () => {},
  };
};

/** Kysely on a pool of `pg`, whose connections are used by as many as the gate lets in. */
export const postgresDialect = (options: PostgresDialectOptions): Dialect => ({
  createDriver: () => createDriver(options),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
});
