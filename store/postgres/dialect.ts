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
import type { Gate } from '../ledger/gate.ts';
import { isLedgerTrouble, LedgerUnsureError } from '../trouble.ts';
import { createDoor, type Door } from './door.ts';
import { isReadOnly, named, type Place, readOnly } from './errors.ts';
import type { Patience } from './patience.ts';
import type { Session, Sessions } from './session.ts';

export interface PostgresDialectOptions {
  readonly sessions: Sessions;
  readonly patience: Patience;
  /** Who may use sessions at the same time, and how many may wait. */
  readonly gate: Gate;
  /** Asked in each transaction before anything else; says `on` as `read_only` where nothing can be written. */
  readonly first: string;
  readonly place: Place;
}

interface Connection extends DatabaseConnection {
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** At the end of its transaction: a connection is dead then. */
  end(): void;
  release(): void;
}

/** Whatever the database's own default is: after it had to wait for its turn a transaction must see what the last one wrote. */
const BEGIN = 'begin isolation level read committed';

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const answerOf = <R>({ rows, rowCount, command }: Awaited<ReturnType<Session['ask']>>): QueryResult<R> => ({
  rows: rows as R[],
  ...(WRITES.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}),
});

const begin = async ({ sessions, first, place }: PostgresDialectOptions): Promise<Session> => {
  const session = await sessions.take();
  try {
    await session.ask(BEGIN);
    const { rows } = await session.ask(first);
    if (rows[0]?.read_only === 'on') throw named(place, readOnly());
    return session;
  } catch (error) {
    // Kysely rolls back what has begun, and this has not in its eyes: the next who got the session would be in it.
    if (session.lost() === null) await session.ask('rollback').catch(() => undefined);
    session.release();
    throw error;
  }
};

/** A session that may not write can be older than the mend: whether that is so a new one knows. */
const begun = async (options: PostgresDialectOptions): Promise<Session> => {
  try {
    return await begin(options);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    options.sessions.renew();
    return begin(options);
  }
};

const commit = async (session: Session): Promise<void> => {
  const lost = session.lost();
  // It was never asked to commit.
  if (lost) throw lost;
  const { command } = await session.ask('commit').catch((error: Error) => {
    if (session.lost() === null) throw error;
    throw new LedgerUnsureError(
      `the ledger's connection broke during a commit: it may or may not be done, look before you repeat it (${error.message})`,
      { cause: error },
    );
  });
  // That is what the server makes of a transaction that had failed, and it calls it no error.
  if (command === 'ROLLBACK')
    throw new Error('a statement of this transaction had failed, so all of it was rolled back');
};

/** A session is taken for each statement, or when a transaction begins: only so can either be tried again on another. */
const createConnection = (options: PostgresDialectOptions, { trying }: Door): Connection => {
  const { sessions, patience } = options;
  let session: Session | null = null;
  let isOver = false;

  const alone = async ({ sql, parameters }: CompiledQuery) => {
    const mine = await sessions.take();
    try {
      return await mine.ask(sql, parameters);
    } finally {
      mine.release();
    }
  };

  return {
    begin: async () => {
      session = await trying(() => patience.persist(() => begun(options)));
    },
    commit: async () => {
      if (session) await commit(session);
    },
    // A session that is lost has rolled back by itself; why it went is what the caller hears.
    rollback: async () => {
      if (session?.lost() === null) await session.ask('rollback').catch(() => undefined);
    },
    end: () => {
      isOver = true;
    },
    release: () => {
      session?.release();
      session = null;
    },
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      if (isOver) throw new Error('this transaction is over: await everything that you do with its `tx`');
      const { sql, parameters } = query;
      if (session) return answerOf<R>(await session.ask(sql, parameters));
      // A write that broke may be done; what only reads may be asked again.
      const isRead = query.query.kind === 'SelectQueryNode';
      const answer = trying(() => (isRead ? patience.persist(() => alone(query)) : alone(query)));
      return answerOf<R>(await answer);
    },
    streamQuery: () => {
      throw new Error('the ledger does not stream: read in pages');
    },
  };
};

const createDriver = (options: PostgresDialectOptions): Driver => {
  const of = (connection: DatabaseConnection): Connection => connection as Connection;
  const door = createDoor(options.gate, isLedgerTrouble);
  return {
    init: async () => {},
    acquireConnection: async () => {
      await door.enter();
      return createConnection(options, door);
    },
    releaseConnection: async (connection) => {
      of(connection).end();
      of(connection).release();
      door.leave();
    },
    beginTransaction: (connection) => of(connection).begin(),
    commitTransaction: (connection) => {
      of(connection).end();
      return of(connection).commit();
    },
    rollbackTransaction: (connection) => {
      of(connection).end();
      return of(connection).rollback();
    },
    destroy: async () => {},
  };
};

/** Kysely on sessions of `pg`, used by as many as the gate lets in. */
export const postgresDialect = (options: PostgresDialectOptions): Dialect => ({
  createDriver: () => createDriver(options),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
});
