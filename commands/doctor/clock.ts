import { type Finding, fail, ok, warn } from '../finding.ts';

/** A server's clock, read between two looks at ours. All Unix ms. */
export interface ClockReading {
  readonly askedAtMs: number;
  readonly serverMs: number;
  readonly answeredAtMs: number;
  /** How finely the server tells it: an HTTP date is of whole seconds. */
  readonly stepMs: number;
}

const WARN_MS = 2_000;
const FAIL_MS = 60_000;
const NTP = 'set both clocks by NTP (timedatectl set-ntp true)';

/** By how much the server is ahead at least; 0 where both may be the same. */
export const aheadMs = ({ askedAtMs, serverMs, answeredAtMs, stepMs }: ClockReading): number => {
  if (serverMs > answeredAtMs) return serverMs - answeredAtMs;
  return Math.min(0, serverMs + stepMs - askedAtMs);
};

const seconds = (ms: number): string => `${(Math.abs(ms) / 1_000).toFixed(1)} s`;

export const judgeClock = (server: string, reading: ClockReading): Finding => {
  const ahead = aheadMs(reading);
  const detail = `this machine is ${seconds(ahead)} ${ahead < 0 ? 'ahead of' : 'behind'} ${server}`;
  if (Math.abs(ahead) > FAIL_MS) return fail('clock', detail, NTP);
  if (Math.abs(ahead) > WARN_MS) return warn('clock', detail, NTP);
  return ok('clock', `this machine and ${server} agree within ${seconds(WARN_MS)}`);
};

/** Against the newest time that this machine wrote itself: what is behind that has gone backwards. */
export const judgeBackwards = (newestMs: number | null, nowMs: number): Finding => {
  if (newestMs === null) return ok('clock', 'nothing was written yet that it could be compared with');
  const behindMs = newestMs - nowMs;
  return behindMs > WARN_MS
    ? fail(
        'clock',
        `this machine's clock is ${seconds(behindMs)} behind what it wrote itself (${new Date(newestMs).toISOString()}): it went backwards`,
        'set it by NTP (timedatectl set-ntp true); promises and silences are measured by it',
      )
    : ok('clock', 'has not gone backwards since the last that was written');
};
