import { EQUIPMENT_ID } from '../core/telemetry/limits.ts';
import { secretKey } from '../store/secret.ts';
import type { Timers } from '../time/timers.ts';
import { createRefusalBook } from './audit.ts';
import { followChanges } from './changes.ts';
import { type Connection, type Connections, createConnections, type Link } from './connection.ts';
import { type Counters, createCounters } from './counters.ts';
import { createCredentialCache } from './credentials.ts';
import { type Arrival, createDoorman } from './doorman.ts';
import { isOutdated, type Recognition } from './identity.ts';
import type { BrokerLedger, BrokerLog, BrokerLogger } from './ledger.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts';
import { createOpenDoor } from './open.ts';
import { createPlacing } from './placing.ts';
import { createPresence } from './presence.ts';
import { createReceiver, type Done, type Heard } from './receive.ts';
import { isTemporary, type Refusal } from './refusal.ts';
import { createService, type Send } from './service.ts';
import { createSessions, type Sessions } from './session.ts';
import type { BrokerStats } from './stats.ts';
import { createWindow, type Window } from './window.ts';

export interface EdgeOptions {
  readonly log: BrokerLog;
  readonly ledger: BrokerLedger;
  readonly logger: BrokerLogger;
  readonly timers: Timers;
  /** A new unique id each time: connection ids are made of it. */
  readonly newId: () => string;
  /** PRECALL_OPEN: lets unknown equipment in without a credential. For a demonstration or a laboratory only. */
  readonly open?: boolean | undefined;
  readonly limits?: Partial<BrokerLimits> | undefined;
}

/**
 * All that the broker decides, without the protocol: who may come in, what it may say and hear, and that the log
 * has it before it is acknowledged. `broker.ts` puts aedes and sockets before it; a simulation speaks to it
 * directly, in this order:
 *
 * 1. `open(link, address)`: a connection, with an id that tells it from every other;
 * 2. `await signIn(connection, arrival)`: refused with a reason, or known;
 * 3. `present(connection)`: accepted (CONNACK was sent). The log hears `connected`; an older connection of the
 *    same credential is cut through its link;
 * 4. `publish(connection, heard, done)`, `subscribe(…)`, `listen(…)`;
 * 5. at the end, where it did not say goodbye, `publish` of its Last Will (a `Heard` without `cmd`), even after a
 *    newer connection is present; then `gone(connection)`: the log hears `disconnected`; then `closed(connection)`.
 */
export interface Edge {
  readonly limits: BrokerLimits;
  readonly counters: Counters;
  /** What may wait for the log, over all connections. */
  readonly window: Window;
  readonly connections: Connections;
  readonly sessions: Sessions;
  open(link: Link, address: string): Connection;
  /** Never rejects. Null where the connection was closed meanwhile; where it is refused for now it is cut as well. */
  signIn(connection: Connection, arrival: Arrival & { readonly clean: boolean }): Promise<Recognition | null>;
  present(connection: Connection): void;
  /** `done()` once the log has it: acknowledge now. `done(error)`: not stored, and the connection is being closed. */
  publish(connection: Connection, heard: Heard, done: Done): void;
  /** Resolves with whether it may hear the topic; where not, the connection is being closed. */
  subscribe(connection: Connection, topic: string): Promise<boolean>;
  /** From now on `send` is told of the machine's repairs, and at once of those of the last days. */
  listen(connection: Connection, topic: string, send: Send): void;
  unlisten(connection: Connection, topic: string): void;
  /** Says nothing any more, its Last Will included. Harmless when called twice. */
  gone(connection: Connection): void;
  /** Its place is free again. */
  closed(connection: Connection): void;
  /** Names, counts and audits why a connection is being closed; the first reason stands. */
  note(connection: Connection, reason: Refusal, detail?: object): void;
  /** `note`, and cuts it. */
  refuse(connection: Connection, reason: Refusal, detail?: object): void;
  /** A newcomer was turned away before it was a connection. */
  turnedAway(reason: Refusal, address: string): void;
  stats(): BrokerStats;
  /** From here nothing new is taken; resolves when what was is in the log or refused by it. */
  drain(): Promise<void>;
  /** After `drain`, when every connection is closed. */
  close(): Promise<void>;
}

/** Only what looks like an id is repeated in the audit: a stranger's client id may be anything. */
const actorOf = (connection: Connection): string => {
  const said = connection.identity?.credential ?? connection.clientId ?? '';
  return EQUIPMENT_ID.test(said) ? said : 'unknown';
};

type Parts = ReturnType<typeof createParts>;

/** The parts, each knowing only those that it needs. */
const createParts = (options: EdgeOptions, key: string) => {
  const { log, ledger, logger, timers } = options;
  const clock = timers.now;
  const limits: BrokerLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const counters = createCounters();
  const connections = createConnections();
  const book = createRefusalBook({ audit: ledger.audit, logger, timers, limits });

  const note = (connection: Connection, reason: Refusal, detail: object = {}): void => {
    if (connection.closing) return;
    connection.closing = reason;
    counters.refused[reason]++;
    book.note(reason, actorOf(connection), { address: connection.address, ...detail });
  };
  const refuse = (connection: Connection, reason: Refusal, detail: object = {}): void => {
    note(connection, reason, detail);
    connection.link.cut();
  };

  const credentials = createCredentialCache(ledger.credentials, limits.credentials);
  const receiver = createReceiver({ log, logger, clock, limits, counters, refuse });
  const presence = createPresence({ log, logger, timers, limits, counters });
  const service = createService({ tickets: ledger.tickets, logger, timers, limits, counters });
  const sessions = createSessions({ limit: limits.sessions, connections });
  const openDoor = options.open ? createOpenDoor({ ledger, clock, limits, counters }) : null;
  const doorman = createDoorman({ key, credentials, open: openDoor, isLogFull: receiver.isFull, logger });
  const window = createWindow(limits.totalInFlightMessages, limits.totalInFlightBytes);
  const place = createPlacing(openDoor, connections);

  return {
    limits,
    counters,
    connections,
    book,
    note,
    refuse,
    credentials,
    receiver,
    presence,
    service,
    sessions,
    doorman,
    window,
    place,
  };
};

/** Closes connections whose credential no longer holds. */
const createRecheck =
  ({ connections, credentials, refuse }: Parts, logger: BrokerLogger) =>
  async (id: string): Promise<void> => {
    if (connections.with(id).length === 0) return;
    try {
      const credential = await credentials.get(id);
      for (const connection of connections.with(id))
        if (connection.identity && isOutdated(connection.identity, credential))
          refuse(connection, 'credential-changed');
    } catch (error) {
      logger.error(
        { error, credential: id },
        'a changed credential could not be read: its connection is closed',
      );
      for (const connection of connections.with(id)) refuse(connection, 'ledger-unavailable');
    }
  };

const follow = async (options: EdgeOptions, parts: Parts, recheck: (id: string) => Promise<void>) => {
  const { connections, credentials, service } = parts;
  return followChanges({
    ledger: options.ledger,
    timers: options.timers,
    after: await options.ledger.head(),
    async handle(change) {
      if (change.kind === 'credential') {
        credentials.forget(change.id);
        await recheck(change.id);
      } else if (change.kind === 'ticket' && change.what === 'resolve') await service.resolved(change.id);
    },
    async onLost() {
      const known = [...connections.all()].flatMap(({ identity }) => identity?.credential ?? []);
      for (const id of new Set(known)) await recheck(id);
      service.tellAgain();
    },
    onProblem(error, change) {
      credentials.forgetAll();
      options.logger.error(
        { error, change: change?.cursor ?? null },
        'changes of the ledger could not be followed',
      );
    },
  });
};

const statsOf =
  ({ counters, connections, window, sessions, credentials, service, presence, receiver }: Parts) =>
  (): BrokerStats => {
    const { open, signedIn } = connections.counts();
    const { messages, bytes, waiting } = window.stats();
    return {
      ...counters,
      messages: { ...counters.messages },
      refused: { ...counters.refused },
      now: {
        connections: open,
        signedIn,
        inFlight: messages,
        inFlightBytes: bytes,
        waiting,
        sessions: sessions.size(),
        credentials: credentials.size(),
        subscriptions: service.subscriptions(),
        controls: presence.waiting(),
        logFull: receiver.isFull(),
      },
    };
  };

const createSignIn =
  (parts: Parts, recheck: (id: string) => Promise<void>): Edge['signIn'] =>
  async (connection, arrival) => {
    const { connections, counters, sessions, doorman, note, refuse } = parts;
    connection.clientId = arrival.clientId;
    connection.willTopic = arrival.willTopic;
    const recognition = await doorman(arrival);
    if (connection.closing) return null;
    if (!recognition.ok) {
      if (isTemporary(recognition.reason)) refuse(connection, recognition.reason);
      else note(connection, recognition.reason);
      return recognition;
    }
    const { identity } = recognition;
    connections.identify(connection, identity);
    if (connections.with(identity.credential).some((other) => other.present)) counters.takeovers++;
    connection.session = sessions.attach(identity, arrival.clean);
    counters.signedIn++;
    // Its credential may have changed in the moment between the look-up and here.
    void recheck(identity.credential);
    return recognition;
  };

const createPublish =
  ({ place, receiver, refuse }: Parts): Edge['publish'] =>
  (connection, heard, done) => {
    const placing = place(connection, heard.topic, heard.payload);
    if (!placing) return receiver.receive(connection, heard, done);
    placing.then((reason) => {
      if (!reason) return receiver.receive(connection, heard, done);
      refuse(connection, reason);
      done(new Error(reason));
    });
  };

const createSubscribe =
  ({ place, refuse }: Parts): Edge['subscribe'] =>
  async (connection, topic) => {
    const reason = (await place(connection, topic, null)) ?? null;
    if (connection.closing) return false;
    if (!reason && connection.identity?.subscribe.has(topic)) return true;
    refuse(connection, reason ?? 'subscribe-not-own', { topic: topic.slice(0, 256) });
    return false;
  };

const newConnection = (id: string, link: Link, address: string): Connection => ({
  id,
  address,
  link,
  clientId: null,
  willTopic: null,
  identity: null,
  session: null,
  closing: null,
  present: false,
});

export const createEdge = async (options: EdgeOptions): Promise<Edge> => {
  const parts = createParts(options, await secretKey(options.ledger));
  const { connections, counters, service, presence, window, book } = parts;
  const recheck = createRecheck(parts, options.logger);
  const follower = await follow(options, parts, recheck);
  return {
    limits: parts.limits,
    counters,
    window,
    connections,
    sessions: parts.sessions,
    open(link, address) {
      counters.accepted++;
      const connection = newConnection(options.newId(), link, address);
      connections.add(connection);
      return connection;
    },
    signIn: createSignIn(parts, recheck),
    present(connection) {
      if (!connection.identity) return;
      for (const other of connections.with(connection.identity.credential))
        if (other !== connection && other.present) other.link.cut();
      presence.connected(connection);
    },
    publish: createPublish(parts),
    subscribe: createSubscribe(parts),
    listen: service.subscribed,
    unlisten: service.unsubscribed,
    gone(connection) {
      service.left(connection);
      presence.disconnected(connection);
    },
    closed: connections.remove,
    note: parts.note,
    refuse: parts.refuse,
    turnedAway(reason, address) {
      counters.refused[reason]++;
      book.note(reason, 'unknown', { address });
    },
    stats: statsOf(parts),
    async drain() {
      for (const connection of connections.all()) connection.closing ??= 'shutdown';
      await window.idle();
    },
    async close() {
      await follower.close();
      service.close();
      await presence.close();
      await book.close();
    },
  };
};
