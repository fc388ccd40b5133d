import type { Connection, Link } from '../../../broker/connection.ts';
import type { Edge } from '../../../broker/edge.ts';
import type { Heard } from '../../../broker/receive.ts';
import type { Random } from '../../../simulators/random/stream.ts';
import type { Timers } from '../../../time/timers.ts';
import { between, type ClientPlan, type Disturbances } from '../plan.ts';
import type { Machine, Message } from './machine.ts';

/** Speaks MQTT for one machine, or for several as a gateway: QoS 1, sends again until it is acknowledged. */
export interface Client {
  readonly plan: ClientPlan;
  say(message: Message): void;
  /** The network is gone; the broker notices so much later, and then hears the Last Will. */
  lose(noticeMs: number): void;
  /** Not before it may be. */
  stayAway(untilMs: number): void;
  start(): void;
  isConnected(): boolean;
  /** Breaks, and says nothing any more. */
  die(): void;
  isDead(): boolean;
  /** Messages that nobody acknowledged yet. */
  waiting(): number;
  readonly counts: { connects: number; resent: number };
}

export interface ClientOptions {
  readonly plan: ClientPlan;
  readonly machines: readonly Machine[];
  readonly secret: string;
  readonly net: Disturbances['net'];
  /** From then on every acknowledgement arrives: what is on its way comes to an end. */
  readonly quietFromMs: number;
  readonly random: Random;
  /** The world's own: a client outlives every part of the service. */
  readonly timers: Timers;
  /** The broker as it runs now, and the timers that end with it; null while there is none. */
  readonly edge: () => { readonly edge: Edge; readonly timers: Timers } | null;
  readonly note: (what: string) => void;
}

interface Waiting {
  readonly message: Message;
  messageId: number;
  tries: number;
}

/** One connection, as both of its ends see it. */
interface Wire {
  readonly edge: Edge;
  /** Of the broker's process: what it does to the connection ends with it. */
  readonly timers: Timers;
  connection: Connection | null;
  /** The client's end is open. */
  isOpen: boolean;
  /** The broker's end is open. */
  isHeld: boolean;
}

const IN_FLIGHT = 8;
const ACK_MS = 30_000;
const STRAGGLER_MS = 45_000;
const SIGN_IN_MS = 20_000;

export const createClient = (options: ClientOptions): Client => {
  const { plan, machines, secret, net, quietFromMs, random, timers, note } = options;
  const queue: Waiting[] = [];
  const counts = { connects: 0, resent: 0 };
  let wire: Wire | null = null;
  let inFlight = new Map<number, Waiting>();
  let lastId = 0;
  let awayUntilMs = 0;
  let isReady = false;
  let isDead = false;

  const delay = (): number => {
    const base = 1 + net.delayMs * random();
    return Math.round(random() < net.straggler ? base + STRAGGLER_MS * random() : base);
  };

  const packet = (message: Message, messageId: number): Heard => ({
    cmd: 'publish',
    topic: message.topic,
    payload: Buffer.from(message.payload),
    qos: 1,
    messageId,
    retain: false,
  });

  const lastWill = (): Heard => {
    const will = (machines[0] as Machine).sayStatus(false);
    return { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true };
  };

  /** What a broker does when it finds a connection dead: the Last Will first, then it is gone. */
  const bury = (of: Wire): void => {
    if (!of.isHeld) return;
    of.isHeld = false;
    const { connection, edge } = of;
    if (!connection) return;
    if (connection.present) edge.publish(connection, lastWill(), () => undefined);
    edge.gone(connection);
    edge.closed(connection);
  };

  /** The client's end is gone; what was not acknowledged will be sent again. */
  const drop = (): void => {
    if (!wire) return;
    wire.isOpen = false;
    wire = null;
    isReady = false;
    queue.unshift(...inFlight.values());
    inFlight = new Map();
    timers.after(between(random, 500, 15_000), connect);
  };

  const linkOf = (of: Wire): Link => {
    const cut = (): void => {
      // Another process of the broker, or a socket that closes slowly: the Last Will may come late.
      of.timers.after(random() < 0.5 ? 1 : between(random, 1, 40_000), () => bury(of));
      timers.after(delay(), () => {
        if (wire === of) drop();
      });
    };
    return { enter: () => {}, leave: () => {}, end: cut, cut };
  };

  const publish = (of: Wire, waiting: Waiting): void => {
    const { connection, edge } = of;
    if (!connection || !of.isHeld) return;
    const { message, messageId } = waiting;
    edge.publish(connection, packet(message, messageId), (error) => {
      const isLost = random() < net.lostAck && timers.now() < quietFromMs;
      if (error || isLost) return;
      timers.after(delay(), () => {
        if (wire !== of || inFlight.get(messageId) !== waiting) return;
        inFlight.delete(messageId);
        pump();
      });
    });
  };

  const send = (of: Wire, waiting: Waiting): void => {
    lastId = (lastId % 65_535) + 1;
    waiting.messageId = lastId;
    waiting.tries += 1;
    if (waiting.tries > 1) counts.resent += 1;
    inFlight.set(lastId, waiting);
    const copies = random() < net.duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++) timers.after(delay(), () => publish(of, waiting));
    timers.after(ACK_MS + STRAGGLER_MS, () => {
      if (wire !== of || inFlight.get(waiting.messageId) !== waiting) return;
      note(`no acknowledgement of ${message(waiting)}: connects anew`);
      lose(between(random, 0, 5_000));
    });
  };
  const message = ({ message: { about } }: Waiting): string => about;

  const pump = (): void => {
    while (wire && isReady && inFlight.size < IN_FLIGHT) {
      const next = queue.shift();
      if (!next) return;
      send(wire, next);
    }
  };

  const subscribe = async (of: Wire, connection: Connection): Promise<void> => {
    for (const machine of machines) {
      const topic = machine.topicOf('service');
      if (!(await of.edge.subscribe(connection, topic))) return;
      of.edge.listen(connection, topic, (_topic, payload) => {
        const said = Buffer.from(payload).toString('utf8');
        timers.after(delay(), () => {
          if (wire === of) machine.hear(said);
        });
      });
    }
  };

  const signIn = async (of: Wire): Promise<void> => {
    const connection = of.edge.open(linkOf(of), '10.0.0.1');
    of.connection = connection;
    of.isHeld = true;
    const known = await of.edge.signIn(connection, {
      clientId: plan.id,
      username: plan.id,
      password: Buffer.from(secret),
      willTopic: (machines[0] as Machine).topicOf('status'),
      clean: true,
    });
    if (!known?.ok) {
      note(`not let in: ${known?.reason ?? 'closed'}`);
      bury(of);
      if (wire === of) drop();
      return;
    }
    of.edge.present(connection);
    await subscribe(of, connection);
    if (wire !== of) return;
    counts.connects += 1;
    isReady = true;
    queue.unshift(...machines.map((each) => ({ message: each.sayStatus(true), messageId: 0, tries: 0 })));
    pump();
  };

  const connect = (): void => {
    if (wire || isDead) return;
    const there = timers.now() < awayUntilMs ? null : options.edge();
    if (!there) {
      timers.after(between(random, 5_000, 30_000), connect);
      return;
    }
    const of: Wire = { ...there, connection: null, isOpen: true, isHeld: false };
    wire = of;
    void signIn(of);
    timers.after(SIGN_IN_MS, () => {
      if (wire === of && !isReady) drop();
    });
  };

  const lose = (noticeMs: number): void => {
    const of = wire;
    if (!of) return;
    drop();
    of.timers.after(noticeMs, () => bury(of));
  };

  return {
    plan,
    counts,
    say: (said) => {
      if (isDead) return;
      queue.push({ message: said, messageId: 0, tries: 0 });
      pump();
    },
    lose,
    stayAway: (untilMs) => {
      awayUntilMs = Math.max(awayUntilMs, untilMs);
    },
    start: connect,
    isConnected: () => wire !== null && isReady,
    die: () => {
      isDead = true;
      wire = null;
      isReady = false;
    },
    isDead: () => isDead,
    waiting: () => queue.length + inFlight.size,
  };
};
