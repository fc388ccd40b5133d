import type { Notify } from '../../../dispatch/notify/notify.ts';
import type { Random } from '../../../simulators/random/stream.ts';
import { sleep, type Timers } from '../../../time/timers.ts';
import { between } from '../plan.ts';

/** Whoever is told by webhook: hears most of it, and says so most of the time. */
export interface Receivers {
  readonly notify: Notify;
  /** What was heard: the ids of messages, each with the notices in it, by every time that it came. */
  readonly heard: ReadonlyMap<string, readonly string[]>;
}

export const createReceivers = (timers: Timers, random: Random, deaf: number): Receivers => {
  const heard = new Map<string, string[]>();
  const notify: Notify = async ({ id, channel, message }) => {
    await sleep(timers, between(random, 20, 2_000));
    const chance = random();
    if (chance < deaf / 2) return { ok: false, reason: 'http-503', final: false, retryAfterMs: null };
    const notices = message.data.notices.map((notice) => notice.id).join(' ');
    heard.set(id, [...(heard.get(id) ?? []), `${channel.id} ${notices}`]);
    // Heard, but its answer is lost.
    return chance < deaf ? { ok: false, reason: 'timeout', final: false, retryAfterMs: null } : { ok: true };
  };
  return { notify, heard };
};
