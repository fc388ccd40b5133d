import { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { awakeTimers } from '../../time/awake.ts';
import type { Cancel, Timers } from '../../time/timers.ts';
import type { Random } from '../random/stream.ts';
import { backoffMs } from './backoff.ts';
import type { Meter } from './meter.ts';
import { createQueue, type Message } from './queue.ts';
import { words } from './refusal.ts';

/** One machine's connection: MQTT 3.1.1, QoS 1, clean sessions, at most `window` messages unacknowledged. */
export interface LinkOptions {
  /** `mqtt://host:port` or `mqtts://…`. */
  readonly url: string;
  readonly id: string;
  readonly site: string;
  /** Null: without a password. */
  readonly secret: string | null;
  readonly model: string;
  readonly firmware: string;
  readonly window: number;
  /** Messages that may wait for a connection. */
  readonly queue: number;
  /** For the jitter of reconnects. */
  readonly random: Random;
  readonly meter: Meter;
  readonly onService: (payload: Uint8Array) => void;
  /** Default: the machine's own. */
  readonly timers?: Timers;
}

export interface Link {
  /** `kind` is the last part of the topic. */
  send(kind: 'telemetry' | 'fault', payload: string, count: number, dueMs: readonly number[]): void;
  /** Sends what was sent before once more, marked as a duplicate. It counts no reading. */
  resend(kind: 'telemetry' | 'fault', payload: string): void;
  /** Resolves once another message would not wait long; at once after `stop`. */
  room(): Promise<void>;
  /** Resolves once everything was acknowledged; at once after `stop`. */
  drained(): Promise<void>;
  readonly connected: boolean;
  /** The line is dead: no goodbye, and no attempt until `restore`. What is said meanwhile waits. */
  cut(): void;
  /**
   * The connection is lost, and made anew after a moment. `isNoticed`: the other side sees it at once, and says the
   * last will; otherwise it sees only that the machine connects again, and the will of the old one comes late.
   */
  flap(isNoticed: boolean): void;
  /** The line is back, or the machine started anew with this firmware: it connects after `delayMs`. */
  restore(delayMs: number, firmware?: string): void;
  /** What waits is gone with the memory that it was in. */
  forget(): void;
  /** Says that it goes offline, waits `graceMs` for that to be heard, and closes. What waits is lost. */
  stop(graceMs: number): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_S = 30;
/** Connections given up at once, at most: the service ends the old one when the machine connects again. */
const STALE = 4;

const open = (options: LinkOptions, topic: string, firmware: string): MqttClient => {
  const { url, id, secret, model } = options;
  const client = connect(url, {
    clientId: id,
    username: id,
    ...(secret === null ? {} : { password: secret }),
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Connecting again is ours: with a jitter from the seed, and resending what was not acknowledged.
    reconnectPeriod: 0,
    resubscribe: false,
    will: {
      topic: `${topic}/status`,
      payload: Buffer.from(JSON.stringify({ online: false, model, firmware })),
      qos: 1,
      retain: true,
    },
  });
  // Otherwise Nagle's algorithm holds small messages back until the last one was acknowledged.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  return client;
};

export const createLink = (options: LinkOptions): Link => {
  const { meter, model, timers = awakeTimers } = options;
  let { firmware } = options;
  const topic = `v1/${options.site}/${options.id}`;
  const queue = createQueue(options.queue);
  const waiters = new Set<() => void>();
  let client: MqttClient | null = null;
  /** Connections that this side gave up and the other still believes in. */
  const stale = new Set<MqttClient>();
  let cancel: Cancel = () => {};
  let isCut = false;
  /** It broke because it should. */
  let isMeant = false;
  let isUp = false;
  let wasUp = false;
  let failures = 0;
  let stopped = false;
  let stopping: Promise<void> | null = null;

  const wake = (): void => {
    for (const waiter of [...waiters]) waiter();
  };

  const until = (met: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!stopped && !met()) return;
        waiters.delete(check);
        resolve();
      };
      waiters.add(check);
      check();
    });

  const deliver = (over: MqttClient, message: Message): void => {
    over.publish(message.topic, message.payload, { qos: 1, dup: message.isDuplicate === true }, (error) => {
      // An error here means that the connection ends; the message stays in flight and is sent again.
      if (error || over !== client || !queue.acknowledge(message)) return;
      failures = 0;
      meter.acked(message);
      pump();
      wake();
    });
  };

  const pump = (): void => {
    while (isUp && client && queue.inFlight < options.window) {
      const message = queue.take();
      if (!message) return;
      deliver(client, message);
    }
  };

  const onConnect = (over: MqttClient): void => {
    isUp = true;
    meter.up(wasUp);
    wasUp = true;
    over.publish(`${topic}/status`, JSON.stringify({ online: true, model, firmware }), {
      qos: 1,
      retain: true,
    });
    over.subscribe(`${topic}/service`, { qos: 1 }, (error) => {
      if (error && over === client && isUp && !isMeant)
        meter.failed(`${options.id}: can't hear of its repairs: ${error.message}`);
    });
    pump();
    wake();
  };

  const onClose = (over: MqttClient): void => {
    if (stale.delete(over)) over.end(true);
    if (over !== client) return;
    client = null;
    if (isUp) {
      isUp = false;
      meter.down();
      if (!stopped && !isCut && !isMeant)
        meter.failed(`${options.id}: connection to ${options.url} was closed`);
    }
    isMeant = false;
    queue.rewind();
    over.end(true);
    if (stopped || isCut) return;
    cancel = timers.after(backoffMs(failures, options.random), start);
    failures += 1;
  };

  /** What was in flight over the old connection goes again over the next. */
  const abandon = (over: MqttClient): void => {
    stale.add(over);
    client = null;
    isUp = false;
    meter.down();
    queue.rewind();
    cancel = timers.after(backoffMs(0, options.random), start);
  };

  const start = (): void => {
    if (client !== null || stopped || isCut) return;
    const over = open(options, topic, firmware);
    client = over;
    over.on('connect', () => onConnect(over));
    over.on('error', (error) => {
      if (over === client && !stopped) meter.failed(words(error, options));
    });
    over.on('close', () => onClose(over));
    over.on('message', (_topic, payload) => options.onService(payload));
  };

  const leave = async (graceMs: number): Promise<void> => {
    stopped = true;
    cancel();
    wake();
    for (const old of stale) old.end(true);
    const over = client;
    if (!over) return;
    const offline = JSON.stringify({ online: false, model, firmware });
    if (isUp) await goodbye(over, timers, `${topic}/status`, offline, graceMs);
    over.end(true);
  };

  start();

  return {
    send: (kind, payload, count, dueMs) => {
      const message: Message = { topic: `${topic}/${kind}`, payload, count, dueMs };
      meter.offered(message);
      meter.dropped(queue.push(message));
      pump();
    },
    resend: (kind, payload) => {
      const message: Message = { topic: `${topic}/${kind}`, payload, count: 0, dueMs: [], isDuplicate: true };
      meter.dropped(queue.push(message));
      pump();
    },
    room: () => until(() => queue.waiting < options.window),
    drained: () => until(() => queue.waiting === 0 && queue.inFlight === 0),
    get connected() {
      return isUp;
    },
    cut: () => {
      isCut = true;
      cancel();
      client?.end(true);
    },
    flap: (isNoticed) => {
      if (!client || !isUp || stopped) return;
      if (!isNoticed && stale.size < STALE) abandon(client);
      else {
        isMeant = true;
        client.end(true);
      }
    },
    restore: (delayMs, to) => {
      firmware = to ?? firmware;
      if (stopped) return;
      // A machine that starts anew had a connection until now.
      if (!isCut) client?.end(true);
      isCut = false;
      failures = 0;
      cancel();
      cancel = timers.after(delayMs, start);
    },
    forget: () => {
      queue.rewind();
      meter.dropped(queue.clear());
      wake();
    },
    stop: (graceMs) => {
      stopping ??= leave(graceMs);
      return stopping;
    },
  };
};

const goodbye = (
  over: MqttClient,
  timers: Timers,
  topic: string,
  payload: string,
  graceMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    const cancel = timers.after(graceMs, resolve);
    over.publish(topic, payload, { qos: 1, retain: true }, () => {
      // A proper DISCONNECT, so that the will is not said as well.
      over.end(false, {}, () => {
        cancel();
        resolve();
      });
    });
  });
