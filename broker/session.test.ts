import { expect, it } from 'vitest';
import { type Connection, createConnections } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createSessions } from './session.ts';
import { serviceTopic } from './topic.ts';

interface Persistence {
  addSubscriptions(client: object, subscriptions: readonly object[]): Promise<void>;
  subscriptionsByClient(client: object): Promise<readonly object[]>;
}

const createStand = (limit: number) => {
  const connections = createConnections();
  const sessions = createSessions({ limit, connections });
  const streams = new Map<object, Connection>();
  const persistence = sessions.persistence((stream) => streams.get(stream) ?? null) as Persistence;
  /** Signs in with a kept session. */
  const signIn = (id: string, site = 'plaza') => {
    const stream = {};
    const connection = { id, address: 'here', identity: null, session: null } as unknown as Connection;
    connections.add(connection);
    streams.set(stream, connection);
    connections.identify(connection, createIdentity(id, 'hash', [{ id, site }]));
    connection.session = sessions.attach(connection.identity as NonNullable<Connection['identity']>, false);
    return { connection, client: { id, conn: stream } };
  };
  return { connections, sessions, persistence, signIn };
};

it('keeps only topics of its own, however many are asked for', async () => {
  const { persistence, signIn } = createStand(10);
  const { client } = signIn('G-1');
  const own = serviceTopic('plaza', 'G-1');
  const foreign = Array.from({ length: 5_000 }, (_, n) => ({ topic: `a/${n}`, qos: 1 }));
  await persistence.addSubscriptions(client, [...foreign, { topic: own, qos: 1 }]);
  expect(await persistence.subscriptionsByClient(client)).toEqual([{ topic: own, qos: 1 }]);
});

it('forgets a topic that is not its own any more', async () => {
  const { persistence, connections, signIn } = createStand(10);
  const { client, connection } = signIn('G-1');
  await persistence.addSubscriptions(client, [{ topic: serviceTopic('plaza', 'G-1'), qos: 1 }]);
  connections.remove(connection);
  signIn('G-1', 'moved');
  expect(await persistence.subscriptionsByClient({ id: 'G-1' })).toEqual([]);
});

it('keeps no more sessions than its limit, and ends none whose client is connected', async () => {
  const { sessions, connections, signIn } = createStand(2);
  const live = signIn('live').connection;
  live.session?.unreleased.set(7, Promise.resolve(1));
  for (const id of ['a', 'b', 'c']) connections.remove(signIn(id).connection);
  expect(sessions.size()).toBe(2);
  connections.remove(live);
  expect(signIn('live').connection.session?.unreleased.has(7)).toBe(true);
  // "a" was the oldest without a connection: it starts anew.
  const again = signIn('a').connection;
  expect(again.session?.unreleased.size).toBe(0);
});
