import type { Pool, PoolClient, QueryResult } from 'pg';
import { isBroken, named, type Place } from './errors.ts';

/** A server's connection for as long as somebody has it. */
export interface Session {
  /** @throws LedgerAwayError, LedgerBusyError, LedgerFullError, or what the server says of the statement */
  ask(text: string, values?: readonly unknown[]): Promise<QueryResult>;
  /** Why it is lost, by the name that callers know; null while it holds. */
  lost(): Error | null;
  /** Gives the connection back, or throws it away where it may be broken. */
  release(): void;
}

export interface Sessions {
  /** @throws LedgerAwayError where the server can't be reached, or does not let us in */
  take(): Promise<Session>;
  /** What a session may do was decided when it began: those that there are are not used again. */
  renew(): void;
}

export const createSessions = (pool: Pool, place: Place): Sessions => {
  let age = 0;
  const bornAt = new WeakMap<PoolClient, number>();

  const fresh = async (): Promise<PoolClient> => {
    for (;;) {
      const client = await pool.connect();
      const born = bornAt.get(client) ?? age;
      bornAt.set(client, born);
      if (born === age) return client;
      client.release(true);
    }
  };

  const sessionOf = (client: PoolClient): Session => {
    let broken: Error | null = null;
    // The pool listens to idle connections only. One that is lost between two statements of a transaction tells it by
    // an event, and an `error` event that nobody hears ends the process.
    const onLost = (error: Error): void => {
      broken ??= error;
    };
    client.on('error', onLost);
    return {
      ask: async (text, values = []) => {
        try {
          return await client.query(text, [...values]);
        } catch (error) {
          if (isBroken(error)) broken ??= error as Error;
          throw named(place, broken ?? (error as Error));
        }
      },
      lost: () => broken && named(place, broken),
      release: () => {
        client.release(broken !== null || bornAt.get(client) !== age);
        client.removeListener('error', onLost);
      },
    };
  };

  return {
    renew: () => {
      age += 1;
    },
    take: async () => {
      try {
        return sessionOf(await fresh());
      } catch (error) {
        throw named(place, error as Error);
      }
    },
  };
};
