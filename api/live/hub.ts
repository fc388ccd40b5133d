import type { Change } from '../../store/ledger.ts';
import type { Cancel } from '../../time/timers.ts';
import type { ApiOptions, LiveLimits } from '../options.ts';
import { type ClientCounters, type EndReason, type LiveClient, newClient, type Sink } from './client.ts';
import {
  concerns,
  eventText,
  type Frame,
  HEARTBEAT,
  type ResetReason,
  resetReasonOf,
  resetText,
} from './frame.ts';
import { changeFrames, readingFrames } from './frames.ts';
import { newDirty } from './readings.ts';
import { resume } from './resume.ts';

/**
 * Tells every listener of changes as they are committed. Follows the ledger with one cursor of its own,
 * reads each changed thing once for all listeners, and asks for readings once per round.
 */
export interface Listener {
  readonly sink: Sink;
  /** Only events of these machines; null: all. */
  readonly equipment: ReadonlySet<string> | null;
  /** Whose notices it may hear. */
  readonly audiences: ReadonlySet<string>;
  readonly grantHash: string;
  readonly lastEventId: string | null;
}

export interface LiveHub {
  /** Null when it may listen, else why not. */
  refuses(grantHash: string): 'too-many-streams' | 'full' | null;
  /** Starts the stream and returns how it is ended. */
  listen(listener: Listener): { end(): void };
  /** Ends the streams of a session that was signed out. */
  endFor(grantHash: string): void;
  stats(): Readonly<Record<LiveStat, number>>;
  close(): void;
}

export type LiveStat =
  | 'clients'
  | 'opened'
  | 'refused'
  | 'events'
  | 'failures'
  | 'resets'
  | 'overflowed'
  | `ended_${EndReason}`
  | keyof ClientCounters;

export const LIVE_LIMITS: LiveLimits = {
  maxClients: 500,
  maxPending: 1_000,
  heartbeatMs: 15_000,
  readingMs: 1_000,
};

const MAX_STREAMS_PER_SESSION = 16;
const BATCH = 200;
/** Machines asked for their latest values in one round. */
const ROUND = 500;
const MAX_DIRTY = 50_000;
/** A client that took nothing for so long is gone, whatever its socket says. */
const STALLED_MS = 60_000;
const RETRY_MS = 1_000;

type Options = Pick<ApiOptions, 'ledger' | 'telemetry' | 'catalogue' | 'timers' | 'logger'>;
type Member = Listener & { readonly client: LiveClient };

export const startHub = async (options: Options, limits: LiveLimits = LIVE_LIMITS): Promise<LiveHub> => {
  const { ledger, telemetry, timers, logger } = options;
  const clock = timers.now;
  const sources = { ...options, clock };
  const members = new Set<Member>();
  const counters: ClientCounters = { coalesced: 0, dropped: 0 };
  const counts = new Map<LiveStat, number>();
  const count = (name: LiveStat): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const dirty = newDirty(limits.readingMs, MAX_DIRTY);
  let head = await ledger.head();
  let isClosed = false;

  const broadcast = (frames: readonly Frame[]): void => {
    for (const frame of frames) {
      for (const member of members) {
        if (!concerns(frame, member)) continue;
        member.client.send(frame);
        count('events');
      }
    }
  };

  /** Sessions may have ended with any change of people. */
  const dropUnsigned = async (): Promise<void> => {
    const hashes = [...new Set([...members].map((member) => member.grantHash))];
    const nowMs = clock();
    const grants = await Promise.all(hashes.map((hash) => ledger.people.granted(hash, nowMs)));
    const ended = new Set(hashes.filter((_, index) => grants[index] === null));
    for (const { client, grantHash } of members) if (ended.has(grantHash)) client.end('session-ended');
  };

  const tell = async (changes: readonly Change[]): Promise<void> => {
    if (members.size > 0) broadcast(await changeFrames(sources, changes));
    if (members.size > 0 && changes.some(({ kind }) => kind === 'people')) await dropUnsigned();
  };

  /** The hub itself missed changes: it goes on at the newest, and everybody reads anew. */
  const resetAll = async (reason: ResetReason): Promise<void> => {
    head = await ledger.head();
    count('resets');
    logger.warn({ reason }, 'live events: changes were missed, clients are told to read anew');
    const text = resetText(reason, head ?? '');
    for (const { client } of members) client.send({ key: 'reset', equipment: '', event: 'reset', text });
    await dropUnsigned();
  };

  /** Null where the cursor led nowhere and everybody was told so. */
  const next = (): Promise<readonly Change[] | null> =>
    ledger.changes(head, BATCH).catch(async (error: unknown) => {
      const reason = resetReasonOf(error);
      if (reason === null) throw error;
      await resetAll(reason);
      return null;
    });

  const follow = async (): Promise<void> => {
    while (!isClosed) {
      const changes = await next();
      if (changes === null) continue;
      const last = changes.at(-1);
      if (last === undefined) return;
      await tell(changes);
      head = last.cursor;
    }
  };

  const failed = (error: unknown): void => {
    count('failures');
    logger.error({ err: error }, 'live events: will try again');
  };

  let following: Promise<void> | null = null;
  let wantsMore = false;
  let retry: Cancel | undefined;
  /** One walk at a time; a change during a walk starts another. */
  const wake = (): void => {
    if (isClosed) return;
    if (following) {
      wantsMore = true;
      return;
    }
    wantsMore = false;
    following = follow()
      .catch((error) => {
        failed(error);
        retry = timers.after(RETRY_MS, wake);
      })
      .finally(() => {
        following = null;
        if (wantsMore) wake();
      });
  };

  let telling = false;
  const tellReadings = async (): Promise<void> => {
    if (members.size === 0) return dirty.clear();
    if (telling) return;
    const ids = dirty.take(clock(), ROUND);
    if (ids.length === 0) return;
    telling = true;
    try {
      broadcast(await readingFrames(sources, ids));
    } catch (error) {
      failed(error);
    } finally {
      telling = false;
    }
  };

  const beat = (): void => {
    const nowMs = clock();
    for (const { client } of members) {
      if (client.blockedMs(nowMs) > STALLED_MS) client.end('stalled');
      else client.heartbeat(HEARTBEAT);
    }
    dropUnsigned().catch(failed);
  };

  const unsubscribe = [
    ledger.onChange(wake),
    telemetry.onWrite((equipment) => {
      if (members.size > 0) dirty.mark(equipment);
    }),
  ];
  const stopBeats = [
    timers.every(Math.max(10, limits.readingMs / 4), () => void tellReadings()),
    timers.every(limits.heartbeatMs, beat),
  ];
  wake();

  const join = (listener: Listener): Member => {
    const client = newClient(listener.sink, {
      maxPending: limits.maxPending,
      clock,
      counters,
      onEnd: (reason) => {
        members.delete(member);
        count(`ended_${reason}`);
      },
    });
    const member: Member = { ...listener, client };
    members.add(member);
    count('opened');
    return member;
  };

  return {
    refuses: (grantHash) => {
      const own = [...members].filter((member) => member.grantHash === grantHash).length;
      const reason =
        members.size >= limits.maxClients
          ? 'full'
          : own >= MAX_STREAMS_PER_SESSION
            ? 'too-many-streams'
            : null;
      if (reason) count('refused');
      return reason;
    },
    listen: (listener) => {
      const member = join(listener);
      const { client, lastEventId, equipment, audiences } = member;
      const start = async (): Promise<void> => {
        // What is committed from here on reaches the client through the hub; up to here it is replayed.
        const upTo = head;
        if (lastEventId !== null)
          await resume(sources, client, { after: lastEventId, upTo, equipment, audiences });
        await client.replay(eventText('ready', { at: new Date(clock()).toISOString() }, upTo ?? ''));
        client.goLive();
      };
      start().catch((error) => {
        failed(error);
        client.end('failed');
      });
      return { end: () => client.end('left') };
    },
    endFor: (grantHash) => {
      for (const { client, grantHash: own } of members) if (own === grantHash) client.end('session-ended');
    },
    stats: () =>
      ({
        ...Object.fromEntries(counts),
        ...counters,
        clients: members.size,
        overflowed: dirty.overflowed(),
      }) as Record<LiveStat, number>,
    close: () => {
      isClosed = true;
      retry?.();
      for (const stop of stopBeats) stop();
      for (const stop of unsubscribe) stop();
      for (const { client } of members) client.end('closing');
    },
  };
};
