import type { Identity } from './identity.ts';
import type { Refusal } from './refusal.ts';
import type { Session } from './session.ts';

/** What carries a connection: a guarded socket (guard.ts), or whatever a simulation puts in its place. */
export interface Link {
  /** A message waits for the log, or no longer does: beyond the limits the carrier waits, too. */
  enter(bytes: number): void;
  leave(bytes: number): void;
  /** Closes; the peer may still read what it was sent. */
  end(): void;
  /** Closes at once; what the peer sent and we have not read is lost. */
  cut(): void;
}

/** One connection of an equipment or a gateway, from accept to close. */
export interface Connection {
  /** Unique for ever: what tells a late Last Will of an older connection from a newer one's. */
  readonly id: string;
  readonly address: string;
  readonly link: Link;
  /** As the CONNECT said it; null before. */
  clientId: string | null;
  willTopic: string | null;
  /** Who it is; null until signed in. */
  identity: Identity | null;
  session: Session | null;
  /** Why it is being closed; from then on nothing that it says counts. */
  closing: Refusal | 'shutdown' | null;
  /** The log was told that it is connected, and not yet that it is gone. */
  present: boolean;
}

/** Who is connected now. */
export interface Connections {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** It has signed in. */
  identify(connection: Connection, identity: Identity): void;
  /** All that have signed in with a credential: one, and for a moment two while one takes over. */
  with(credential: string): readonly Connection[];
  atAddress(address: string): number;
  all(): Iterable<Connection>;
  counts(): { readonly open: number; readonly signedIn: number };
}

export const createConnections = (): Connections => {
  const live = new Set<Connection>();
  const byCredential = new Map<string, Set<Connection>>();
  const addresses = new Map<string, number>();

  const forgetIdentity = (connection: Connection): void => {
    const credential = connection.identity?.credential;
    if (credential === undefined) return;
    const same = byCredential.get(credential);
    same?.delete(connection);
    if (same?.size === 0) byCredential.delete(credential);
  };

  return {
    add(connection) {
      live.add(connection);
      addresses.set(connection.address, (addresses.get(connection.address) ?? 0) + 1);
    },
    remove(connection) {
      if (!live.delete(connection)) return;
      const left = (addresses.get(connection.address) ?? 1) - 1;
      if (left === 0) addresses.delete(connection.address);
      else addresses.set(connection.address, left);
      forgetIdentity(connection);
    },
    identify(connection, identity) {
      connection.identity = identity;
      const same = byCredential.get(identity.credential);
      if (same) same.add(connection);
      else byCredential.set(identity.credential, new Set([connection]));
    },
    with: (credential) => [...(byCredential.get(credential) ?? [])],
    atAddress: (address) => addresses.get(address) ?? 0,
    all: () => live.values(),
    counts: () => ({ open: live.size, signedIn: byCredential.size }),
  };
};
