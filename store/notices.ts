import type { Clock } from '../core/notice/clocks.ts';
import type { Language } from '../core/notice/message.ts';
import type { ChannelAudience, Notice } from '../core/notice/notice.ts';
import type { ChannelHealth } from '../core/notice/retry.ts';
import type { Page, PageQuery } from './ledger.ts';

/**
 * Contract: the part of the ledger that keeps promises and tells people. Opening and stepping a ticket writes its notices,
 * their deliveries and its clocks in the same transaction (core/notice); nobody who changes a ticket can forget them.
 *
 * Suites: `store/ledger/suite/notices.ts` and `outbox.ts`, run with the ledger's.
 */

/** How somebody is told. */
export interface Channel extends ChannelHealth {
  readonly id: string;
  readonly kind: 'webhook';
  readonly url: string;
  readonly audience: ChannelAudience;
  readonly language: Language;
  /** At most so many messages a minute; what is more goes together in one. */
  readonly perMinute: number;
  readonly disabled: boolean;
  readonly createdAtMs: number;
  readonly lastSentAtMs: number | null;
}

export type ChannelSettings = Pick<
  Channel,
  'id' | 'kind' | 'url' | 'audience' | 'language' | 'perMinute' | 'disabled'
>;

export interface Channels {
  /** Adds or changes. `secret` null keeps the one that is stored. What waits for one that is disabled is dropped. */
  put(channel: ChannelSettings, secret: string | null, atMs: number): Promise<void>;
  get(id: string): Promise<Channel | null>;
  /** The key it signs with, as it was given out; for the sender alone, never for an answer or a log. */
  secret(id: string): Promise<string | null>;
  list(page: PageQuery): Promise<Page<Channel>>;
  /** What was still to be said on it is dropped (`channel-removed`). */
  remove(id: string, atMs: number): Promise<boolean>;
  /** How it fares, as the sender saw. A change event where it is paused or goes on. */
  fared(id: string, health: ChannelHealth, sentAtMs: number | null, atMs: number): Promise<void>;
}

export interface Notices {
  /**
   * Keeps what is new by id, with a delivery for every enabled channel that hears it; where 1,000 wait for a channel already it
   * is a dead letter at once (`queue-full`). Returns how many were new.
   */
  add(notices: readonly Notice[]): Promise<number>;
  get(id: string): Promise<Notice | null>;
  /** Newest first: what was said to one of these, with whether this reader has read it. */
  list(
    page: PageQuery & {
      readonly audiences: readonly string[];
      readonly reader: string;
      readonly unread?: boolean | undefined;
    },
  ): Promise<Page<Notice & { readonly read: boolean }>>;
  /** Up to 1,000: more than anybody reads. */
  unread(audiences: readonly string[], reader: string): Promise<number>;
  markRead(ids: readonly string[], reader: string, atMs: number): Promise<void>;
}

/**
 * `waiting` (also between attempts) → `sending` (leased) → `sent` | `dead` (given up, waits for a person) | `dropped` (no
 * longer worth saying). A person makes a dead one `waiting` again or `dismissed`.
 */
export type DeliveryState = 'waiting' | 'sending' | 'sent' | 'dead' | 'dropped' | 'dismissed';

/** One notice on its way to one channel. */
export interface Delivery {
  readonly id: number;
  readonly notice: Notice;
  readonly channel: string;
  readonly state: DeliveryState;
  /** Attempts begun. */
  readonly attempts: number;
  /** Not tried before this. */
  readonly dueAtMs: number;
  /** Each claim raises it: who holds an older one has lost the delivery. */
  readonly epoch: number;
  /** The message that it went in, the same for all attempts; null before the first. */
  readonly message: string | null;
  /** Why it failed, was given up or dropped. */
  readonly reason: string | null;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
}

export type DeliveryResult =
  | { readonly state: 'sent' }
  | { readonly state: 'waiting'; readonly dueAtMs: number; readonly reason: string }
  | { readonly state: 'dead'; readonly reason: string }
  | { readonly state: 'dropped'; readonly reason: string };

export interface OutboxStats {
  readonly waiting: number;
  readonly sending: number;
  readonly dead: number;
  /** When the oldest that is not sent was written; null: nothing waits. */
  readonly oldestAtMs: number | null;
  /** Channels that are paused because they fail. */
  readonly pausedChannels: number;
}

export interface Outbox {
  /**
   * What can be sent now, oldest first: due, its lease over where it was claimed, the channel neither paused nor disabled
   * nor among `busy`, and nothing older of the same ticket still on its way to the same channel.
   */
  ready(nowMs: number, limit: number, busy?: readonly string[]): Promise<readonly Delivery[]>;
  /**
   * For `claiming`: those of these deliveries of a channel that are still free, held until the end. None while somebody else
   * is claiming for the channel: how many messages it has had this minute is counted by one at a time.
   */
  hold(channel: string, ids: readonly number[], nowMs: number): Promise<readonly number[]>;
  /**
   * Takes those of them that are still free, for one message; each counts as an attempt. Another process that claims the
   * same gets the rest, or nothing.
   */
  claim(
    ids: readonly number[],
    message: string,
    nowMs: number,
    leaseUntilMs: number,
  ): Promise<readonly Delivery[]>;
  /** False, and nothing is written, when the lease was lost to another claim. */
  finish(delivery: Pick<Delivery, 'id' | 'epoch'>, result: DeliveryResult, atMs: number): Promise<boolean>;
  /** Whether anything of this ticket may have reached the channel before, and whether the same kind follows. */
  around(delivery: Delivery): Promise<{ readonly told: boolean; readonly followed: boolean }>;
  /** Different messages of which an attempt began after `sinceMs`. */
  messagesSince(channel: string, sinceMs: number): Promise<number>;
  /** Gives up what waits since before `beforeMs` (`too-old`). Returns how many. */
  expire(beforeMs: number, atMs: number): Promise<number>;
  /** Pages that wait for a channel that fails and is paused, and that the chain did not go past yet. */
  stuck(nowMs: number, limit: number): Promise<readonly Delivery[]>;
  /** Notes that the chain went on past it. */
  passed(id: number): Promise<void>;
  get(id: number): Promise<Delivery | null>;
  /** Newest first. */
  list(
    page: PageQuery & {
      readonly state?: DeliveryState | undefined;
      readonly channel?: string | undefined;
      readonly ticket?: string | undefined;
    },
  ): Promise<Page<Delivery>>;
  /** A dead one begins anew. False where it is not dead. */
  retry(id: number, atMs: number): Promise<boolean>;
  /** A dead one is put aside. False where it is not dead. */
  dismiss(id: number, atMs: number): Promise<boolean>;
  stats(nowMs: number): Promise<OutboxStats>;
}

export interface Clocks {
  set(clock: Clock): Promise<void>;
  /** Brings it forward where it is there and later. */
  hasten(key: string, dueAtMs: number): Promise<void>;
  clear(key: string): Promise<void>;
  get(key: string): Promise<Clock | null>;
  /** Due at or before `nowMs`, longest overdue first; also those that somebody has claimed. */
  due(nowMs: number, limit: number): Promise<readonly Clock[]>;
  /**
   * Those of them that nobody has claimed, for the caller until `leaseUntilMs`; then others may have what is left. Only so
   * that many don't reach for the same: whose a clock is, is decided by `take`. Setting or hastening one ends its lease.
   */
  claim(nowMs: number, limit: number, leaseUntilMs: number): Promise<readonly Clock[]>;
  /**
   * Removes it, if it still stands as it was read. What it causes is written in the same transaction (with `set` to go on):
   * of many who see it due one takes it, and a crash takes all of it back.
   */
  take(clock: Pick<Clock, 'key' | 'dueAtMs' | 'payload'>): Promise<boolean>;
}
