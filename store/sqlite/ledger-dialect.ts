import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Gate } from '../ledger/gate.ts';
import { LedgerFullError } from '../ledger.ts';
import type { Answer } from './ledger.calls.ts';
import type { Thread } from './thread.ts';

interface ThreadConnection extends DatabaseConnection {
  /** After the end of its transaction a connection is dead. */
  end(): void;
}

/** Errors come out of the thread by name; callers know this one by its class. */
const revived = (error: Error): never => {
  throw error.name === 'LedgerFullError' ? new LedgerFullError(error.message) : error;
};

/**
 * A connection is made for each transaction, and dies with it: a statement that nobody awaited would
 * otherwise run outside of it, or in somebody else's transaction.
 */
const createConnection = (thread: Thread): ThreadConnection => {
  let over = false;
  return {
    end: () => {
      over = true;
    },
    executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
      if (over) throw new Error('this transaction is over: await everything that you do with its `tx`');
      const { rows, changes } = await thread.call<Answer>('run', [sql, parameters]).catch(revived);
      return {
        rows: rows as R[],
        ...(changes === null ? {} : { numAffectedRows: BigInt(changes) }),
      };
    },
    streamQuery: () => {
      throw new Error('the ledger does not stream: read in pages');
    },
  };
};

const createDriver = (thread: Thread, gate: Gate): Driver => ({
  init: async () => {},
  acquireConnection: async () => {
    await gate.enter();
    return createConnection(thread);
  },
  releaseConnection: async (connection) => {
    (connection as ThreadConnection).end();
    gate.leave();
  },
  beginTransaction: () => thread.call('begin', []),
  commitTransaction: (connection) => {
    (connection as ThreadConnection).end();
    return thread.call<void>('commit', []).catch(revived);
  },
  rollbackTransaction: (connection) => {
    (connection as ThreadConnection).end();
    return thread.call('rollback', []);
  },
  destroy: () => thread.close(),
});

/** Kysely's own adapter forgets that SQLite can change tables in a transaction, and has a queue without end. */
class ThreadAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** Kysely on a `node:sqlite` that lives in a thread; who may use it at the same time is the gate's. */
export const threadDialect = (thread: Thread, gate: Gate): Dialect => ({
  createDriver: () => createDriver(thread, gate),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new ThreadAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});
