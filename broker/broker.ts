import { Aedes } from 'aedes';
import { EQUIPMENT_ID } from '../core/telemetry/limits.ts';
import { secretKey } from '../store/secret.ts';
import { type Timers, turn } from '../time/timers.ts';
import { createAcceptor, listen } from './accept.ts';
import { createRefusalBook } from './audit.ts';
import { followChanges } from './changes.ts';
import { type Connection, createConnections } from './connection.ts';
import { createCounters } from './counters.ts';
import { createCredentialCache } from './credentials.ts';
import { createDoorman } from './doorman.ts';
import { attachEvents, createHooks, type HookOptions, type Verdicts } from './hooks.ts';
import { isOutdated } from './identity.ts';
import type { BrokerLedger, BrokerLog, BrokerLogger } from './ledger.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts';
import { createOpenDoor } from './open.ts';
import { createPresence } from './presence.ts';
import { createReceiver } from './receive.ts';
import type { Refusal } from './refusal.ts';
import { createService } from './service.ts';
import { createSessions } from './session.ts';
import { createSilence } from './silence.ts';
import type { BrokerStats } from './stats.ts';
import { createWindow } from './window.ts';

export interface BrokerOptions {
  readonly listen: { readonly host: string; readonly port: number };
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

export interface Broker {
  /** Where it listens; the one that the system chose where port 0 was asked for. */
  readonly port: number;
  stats(): BrokerStats;
  /** Closes every connection; resolves when all that was accepted is in the log or refused by it. */
  close(): Promise<void>;
}

type Context = ReturnType<typeof createContext>;

/** The parts, each knowing only those that it needs. */
const createContext = (options: BrokerOptions, key: string) => {
  const { log, ledger, logger, timers } = options;
  const clock = timers.now;
  const limits: BrokerLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const counters = createCounters();
  const window = createWindow(limits.totalInFlightMessages, limits.totalInFlightBytes);
  const connections = createConnections();
  const book = createRefusalBook({ audit: ledger.audit, logger, timers, limits });

  const note: Verdicts['note'] = (connection, reason, detail) => {
    if (connection.closing) return;
    connection.closing = reason;
    counters.refused[reason]++;
    book.note(reason, actorOf(connection), { address: connection.address, ...detail });
  };
  const verdicts: Verdicts = {
    note,
    refuse(connection, reason, detail) {
      note(connection, reason, detail);
      connection.guard.cut();
    },
  };
  const turnedAway = (reason: Refusal, address: string): void => {
    counters.refused[reason]++;
    book.note(reason, 'unknown', { address });
  };

  const credentials = createCredentialCache(ledger.credentials, limits.credentials);
  const receiver = createReceiver({ log, logger, clock, limits, counters, refuse: verdicts.refuse });
  const presence = createPresence({ log, logger, timers, limits, counters });
  const service = createService({ tickets: ledger.tickets, logger, timers, limits, counters });
  const sessions = createSessions({ limit: limits.sessions, connections });
  const open = options.open ? createOpenDoor({ ledger, clock, limits, counters }) : null;
  const doorman = createDoorman({ key, credentials, open, isLogFull: receiver.isFull, logger });

  const recheck = async (id: string): Promise<void> => {
    if (connections.with(id).length === 0) return;
    try {
      const credential = await credentials.get(id);
      for (const connection of connections.with(id))
        if (connection.identity && isOutdated(connection.identity, credential))
          verdicts.refuse(connection, 'credential-changed', {});
    } catch (error) {
      logger.error(
        { error, credential: id },
        'a changed credential could not be read: its connection is closed',
      );
      for (const connection of connections.with(id)) verdicts.refuse(connection, 'ledger-unavailable', {});
    }
  };

  const parts: HookOptions = {
    connections,
    sessions,
    doorman,
    receiver,
    service,
    presence,
    open,
    counters,
    verdicts,
    recheck,
  };
  return { ...parts, timers, limits, window, book, credentials, turnedAway };
};

/** Only what looks like an id is repeated in the audit: a stranger's client id may be anything. */
const actorOf = (connection: Connection): string => {
  const said = connection.identity?.credential ?? connection.clientId ?? '';
  return EQUIPMENT_ID.test(said) ? said : 'unknown';
};

const startAedes = async (context: Context): Promise<Aedes> => {
  const { limits, sessions, timers } = context;
  const aedes = await Aedes.createBroker({
    ...createHooks(context),
    mq: createSilence(timers),
    persistence: sessions.persistence,
    drainTimeout: limits.drainMs,
    // The guard's own limit, which also covers signing in, comes first.
    connectTimeout: limits.connectMs * 2,
    maxClientsIdLength: 64,
  });
  attachEvents(aedes, context);
  return aedes;
};

const follow = async (options: BrokerOptions, context: Context) => {
  const { connections, credentials, service, recheck } = context;
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
  ({ counters, connections, window, sessions, credentials, service, presence, receiver }: Context) =>
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

/** The MQTT 3.1.1 edge (CONTRACT §3): who you are, what you may publish, how big, how fast; logged before PUBACK. */
export const startBroker = async (options: BrokerOptions): Promise<Broker> => {
  const context = createContext(options, await secretKey(options.ledger));
  const { connections, window, presence, service, book, verdicts, timers } = context;
  const follower = await follow(options, context);
  const aedes = await startAedes(context);
  const server = createAcceptor({
    connections,
    limits: context.limits,
    window,
    counters: context.counters,
    timers,
    newId: options.newId,
    onConnection: (connection) => void aedes.handle(connection.guard.stream),
    onClosed(connection) {
      service.left(connection);
      // After aedes, which publishes the Last Will when it hears of the same.
      timers.soon(() => presence.disconnected(connection));
    },
    onTurnedAway: context.turnedAway,
    onRefused: (connection, reason) => verdicts.note(connection, reason, {}),
  });

  const stop = async (): Promise<void> => {
    await follower.close();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    service.close();
    await presence.close();
    await book.close();
  };

  const port = await listen(server, options.listen.host, options.listen.port).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of connections.all()) connection.closing ??= 'shutdown';
    await window.idle();
    // The last acknowledgements leave in this turn of the loop.
    await turn(timers);
    for (const connection of connections.all()) connection.guard.stream.destroy();
    await turn(timers);
    await stop();
    for (const connection of connections.all()) connection.guard.cut();
    await closed;
  };

  return { port, stats: statsOf(context), close: () => (closing ??= close()) };
};
