import type { Connection, Connections } from './connection.ts';
import type { OpenDoor } from './open.ts';
import type { Refusal } from './refusal.ts';

/** Null where nothing is to be placed; else it resolves when the connection has its place, or is refused one. */
export type Placing = (
  connection: Connection,
  topic: string,
  payload: Uint8Array | null,
) => Promise<Refusal | null> | null;

/**
 * Open mode: the first topic that a new machine names says where it stands. Later messages wait behind the
 * first, so that their order holds.
 */
export const createPlacing = (open: OpenDoor | null, connections: Connections): Placing => {
  const pending = new WeakMap<Connection, Promise<Refusal | null>>();
  return (connection, topic, payload) => {
    if (!connection.identity?.unplaced || !open) return null;
    const placing =
      pending.get(connection) ??
      open.place(connection.identity, topic, payload).then(
        (placed): Refusal | null => {
          if (typeof placed === 'string') return placed;
          connections.identify(connection, placed);
          return null;
        },
        (): Refusal => 'ledger-unavailable',
      );
    pending.set(connection, placing);
    return placing;
  };
};
