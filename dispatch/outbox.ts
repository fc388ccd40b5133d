import { createHash } from 'node:crypto';
import type { Catalogue } from '../core/fault/catalogue.ts';
import { type Message, message } from '../core/notice/message.ts';
import { type Notice, PAGES } from '../core/notice/notice.ts';
import { type Stale, staleOf, takesBack } from '../core/notice/relevance.ts';
import { afterFailure, isFailing, MAX_AGE_MS, nextRetryAt, spent, WELL } from '../core/notice/retry.ts';
import type { Ledger, LedgerNouns } from '../store/ledger.ts';
import type { Channel, Delivery, DeliveryResult } from '../store/notices.ts';
import type { Timers } from '../time/timers.ts';
import { compose } from './compose.ts';
import { goPast } from './escalate.ts';
import type { Notify, Sent } from './notify/notify.ts';

export interface OutboxOptions {
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  readonly timers: Timers;
  /** In [0, 1), for the jitter of retries. */
  readonly random: () => number;
  readonly notify: Readonly<Record<Channel['kind'], Notify>>;
  readonly publicUrl: string;
  readonly count: (name: SendCounter) => void;
  readonly onFailure: (error: Error) => void;
  /** Something became free: look again. */
  readonly wake: () => void;
}

export type SendCounter =
  | 'attempts'
  | 'sent'
  | 'failed'
  | 'dead'
  | 'dropped'
  | 'held-back'
  | 'together'
  | 'lease-lost'
  | 'channels-paused'
  | 'gone-past';

/** Longer than an attempt can take: who holds a delivery for longer has died. */
const LEASE_MS = 60_000;
const MINUTE_MS = 60_000;
const LOOKED_AT = 100;
/** Notices of one message. */
const MAX_TOGETHER = 50;
/** Messages under way at once; one for each channel, so that a channel hears things in their order. */
const MAX_UNDER_WAY = 16;

interface Prepared {
  readonly channel: Channel;
  readonly secret: string;
  readonly id: string;
  readonly deliveries: readonly Delivery[];
  readonly message: Message;
}

/** No full stop: the signature puts one between the id and the rest. */
const messageId = ({ channel, notice }: Delivery): string =>
  `msg_${createHash('sha256').update(`${notice.id}\n${channel}`).digest('hex').slice(0, 32)}`;

const whyNotSaid = async (tx: LedgerNouns, delivery: Delivery, nowMs: number): Promise<Stale | null> => {
  const { notice } = delivery;
  if (notice.ticket === null) return null;
  const ticket = await tx.tickets.get(notice.ticket);
  if (ticket === null) return 'ticket-gone';
  const stale = staleOf(notice, ticket, nowMs);
  if (stale !== null) return stale;
  const { told, followed } = await tx.outbox.around(delivery);
  if (followed) return 'superseded';
  return takesBack(notice) && !told ? 'nothing-to-take-back' : null;
};

/** The first that waits and what may go with it: what went together before, or as much as the channel's limit asks for. */
const together = (heads: readonly Delivery[], channel: Channel, left: number): readonly Delivery[] => {
  const [first] = heads;
  if (first === undefined) return [];
  const same = heads.filter((head) => head.message === first.message);
  if (first.message !== null) return same;
  return isFailing(channel) || heads.length <= left ? [first] : same.slice(0, MAX_TOGETHER);
};

const pausedNotice = (channel: Channel, reason: string, nowMs: number): Notice => ({
  id: `channel-paused.${channel.id}.${nowMs}`,
  kind: 'channel-paused',
  audience: 'dispatcher',
  atMs: nowMs,
  ticket: null,
  version: 0,
  site: null,
  severity: null,
  crew: null,
  channel: channel.id,
  reason,
});

/**
 * Sends what waits in the outbox. What is still true is decided and claimed in one transaction, sent outside of it, and the
 * result written in another: at least once, under an id that stays the same.
 */
export const createOutbox = (options: OutboxOptions) => {
  const { ledger, catalogue, timers, random, notify, publicUrl, count, onFailure, wake } = options;
  const clock = timers.now;
  const underWay = new Map<string, Promise<void>>();
  const stop = new AbortController();

  /** Claims the next message of one channel; null where nothing is left to say, or not now. */
  const next = async (
    tx: LedgerNouns,
    channelId: string,
    ready: readonly Delivery[],
    nowMs: number,
  ): Promise<Prepared | null> => {
    const ids = ready.map(({ id }) => id);
    const held = new Set(await tx.outbox.hold(channelId, ids, nowMs));
    const heads: Delivery[] = [];
    for (const delivery of ready) {
      if (!held.has(delivery.id)) continue;
      const stale = await whyNotSaid(tx, delivery, nowMs);
      if (stale === null) heads.push(delivery);
      else if (await tx.outbox.finish(delivery, { state: 'dropped', reason: stale }, nowMs)) count('dropped');
    }
    const channel = await tx.channels.get(channelId);
    const secret = await tx.channels.secret(channelId);
    if (channel === null || secret === null || heads.length === 0) return null;
    // Since they were found somebody may have changed it.
    if (channel.disabled || (channel.pausedUntilMs ?? 0) > nowMs) return null;
    const left = channel.perMinute - (await tx.outbox.messagesSince(channelId, nowMs - MINUTE_MS));
    if (left <= 0 && heads[0]?.message === null) {
      count('held-back');
      return null;
    }
    const chosen = together(heads, channel, left);
    const [first] = chosen;
    if (first === undefined) return null;
    const id = first.message ?? messageId(first);
    const chosenIds = chosen.map((delivery) => delivery.id);
    const deliveries = await tx.outbox.claim(chosenIds, id, nowMs, nowMs + LEASE_MS);
    if (deliveries.length === 0) return null;
    if (deliveries.length > 1) count('together');
    const facts = [];
    for (const { notice } of deliveries) facts.push(await compose(tx, catalogue, publicUrl, notice, channel));
    return { channel, secret, id, deliveries, message: message(facts, nowMs) };
  };

  /** One message for each channel that is free, and that no other process is claiming from. */
  const prepare = (nowMs: number): Promise<readonly Prepared[]> =>
    ledger.claiming(async (tx) => {
      const ready = await tx.outbox.ready(nowMs, LOOKED_AT, [...underWay.keys()]);
      const prepared: Prepared[] = [];
      for (const [channelId, own] of Map.groupBy(ready, (delivery) => delivery.channel)) {
        if (underWay.size + prepared.length >= MAX_UNDER_WAY) break;
        const one = await next(tx, channelId, own, nowMs);
        if (one) prepared.push(one);
      }
      return prepared;
    });

  const resultOf = (delivery: Delivery, sent: Sent, nowMs: number): DeliveryResult => {
    if (sent.ok) return { state: 'sent' };
    // A test says how it went, and is not tried for a day.
    if (delivery.notice.kind === 'test') return { state: 'dropped', reason: `test-failed: ${sent.reason}` };
    if (sent.final) return { state: 'dead', reason: sent.reason };
    const why = spent(delivery, nowMs);
    if (why !== null) return { state: 'dead', reason: `${why}: ${sent.reason}` };
    const dueAtMs = nextRetryAt(nowMs, delivery.attempts, random(), sent.retryAfterMs);
    return { state: 'waiting', dueAtMs, reason: sent.reason };
  };

  const fared = async (tx: LedgerNouns, channelId: string, sent: Sent, nowMs: number): Promise<void> => {
    const channel = await tx.channels.get(channelId);
    if (channel === null) return;
    if (sent.ok) return tx.channels.fared(channelId, WELL, nowMs, nowMs);
    const health = afterFailure(channel, sent, nowMs);
    await tx.channels.fared(channelId, health, null, nowMs);
    if (isFailing(channel) || !isFailing(health)) return;
    count('channels-paused');
    await tx.notices.add([pausedNotice(channel, sent.reason, nowMs)]);
  };

  const settle = ({ channel, deliveries }: Prepared, sent: Sent): Promise<void> =>
    ledger.transaction(async (tx) => {
      const nowMs = clock();
      if (!sent.ok && stop.signal.aborted) {
        // We ended it ourselves: that says nothing of the channel.
        const again = { state: 'waiting', dueAtMs: nowMs, reason: 'service-stopped' } as const;
        for (const delivery of deliveries) await tx.outbox.finish(delivery, again, nowMs);
        return;
      }
      for (const delivery of deliveries) {
        const result = resultOf(delivery, sent, nowMs);
        const isOurs = await tx.outbox.finish(delivery, result, nowMs);
        count(isOurs ? (result.state === 'waiting' ? 'failed' : result.state) : 'lease-lost');
        if (isOurs && result.state === 'dead' && PAGES.has(delivery.notice.kind))
          await goPast(tx, delivery.notice, nowMs);
      }
      await fared(tx, channel.id, sent, nowMs);
    });

  const start = (prepared: Prepared): void => {
    const { channel, secret, id, message: body } = prepared;
    count('attempts');
    const attempt = async (): Promise<void> => {
      const outgoing = { id, channel, secret, message: body, nowMs: clock() };
      const broken = (error: Error): Sent => {
        onFailure(error);
        return { ok: false, reason: 'sender-failed', final: false, retryAfterMs: null };
      };
      await settle(prepared, await notify[channel.kind](outgoing, stop.signal).catch(broken));
    };
    const running = attempt()
      .catch(onFailure)
      .finally(() => {
        underWay.delete(channel.id);
        wake();
      });
    underWay.set(channel.id, running);
  };

  /** Pages that wait behind a pause: their chains don't. */
  const passStuck = async (nowMs: number): Promise<void> => {
    const stuck = await ledger.outbox.stuck(nowMs, LOOKED_AT);
    for (const { id, notice } of stuck) {
      await ledger.transaction(async (tx) => {
        await tx.outbox.passed(id);
        await goPast(tx, notice, nowMs);
      });
      count('gone-past');
    }
  };

  let lastExpiredMs = Number.NEGATIVE_INFINITY;
  const expire = async (nowMs: number): Promise<void> => {
    if (nowMs - lastExpiredMs < MINUTE_MS) return;
    lastExpiredMs = nowMs;
    const given = await ledger.outbox.expire(nowMs - MAX_AGE_MS, nowMs);
    for (let index = 0; index < given; index += 1) count('dead');
  };

  return {
    /** Whether anything can be sent now. */
    waits: async (): Promise<boolean> =>
      (await ledger.outbox.ready(clock(), 1, [...underWay.keys()])).length > 0 ||
      (await ledger.outbox.stuck(clock(), 1)).length > 0,
    /** Starts what can be sent now; what it starts wakes whoever asked when it is done. */
    send: async (): Promise<boolean> => {
      if (stop.signal.aborted) return false;
      const nowMs = clock();
      await expire(nowMs);
      await passStuck(nowMs);
      const isAny = (await ledger.outbox.ready(nowMs, 1, [...underWay.keys()])).length > 0;
      if (!isAny || underWay.size >= MAX_UNDER_WAY) return false;
      const prepared = await prepare(nowMs);
      for (const one of prepared) start(one);
      return prepared.length > 0;
    },
    underWay: (): number => underWay.size,
    settled: async (): Promise<void> => {
      await Promise.all(underWay.values());
    },
    close: async (): Promise<void> => {
      stop.abort();
      await Promise.all(underWay.values());
    },
  };
};
