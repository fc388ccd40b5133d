import { lookup as resolve } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Timers } from '../../time/timers.ts';
import type { Notify, Outgoing, Sent } from './notify.ts';
import { sign } from './sign.ts';

/** From the connection to the end of the answer. */
const TIMEOUT_MS = 10_000;
/** An answer says no more than its status; what is longer is cut off. */
const MAX_ANSWER_BYTES = 16 * 1_024;
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Never a webhook, and where the cloud keeps a machine's credentials: link-local addresses, and AWS' own for metadata. Private
 * and loopback addresses are allowed: companies run their receivers inside (docs/notices.md).
 */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('0.0.0.0', 'ipv4');
refused.addAddress('::', 'ipv6');

export const isRefusedAddress = (address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && refused.check(address, family === 6 ? 'ipv6' : 'ipv4');
};

class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS';
}

/** The address is judged where it is used: a name that was harmless when it was entered may point elsewhere now. */
const lookup: LookupFunction = (host, options, done) => {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, []);
    if (addresses.some(({ address }) => isRefusedAddress(address)))
      return done(new RefusedAddress(host) as NodeJS.ErrnoException, []);
    const [first] = addresses;
    if (options.all === true || first === undefined) return done(null, addresses);
    return done(null, first.address, first.family);
  });
};

const retryAfterMs = (header: string | undefined, nowMs: number): number | null => {
  if (header === undefined) return null;
  const ms = /^\d{1,7}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : null;
};

/** These say "later"; every other 4xx says "never", and so does a redirect, which is not followed. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** What an answer means. */
export const judge = (status: number, retryAfter: string | undefined, nowMs: number): Sent => {
  if (status >= 200 && status < 300) return { ok: true };
  return {
    ok: false,
    reason: `http-${status}`,
    final: status >= 300 && status < 500 && !LATER.has(status),
    retryAfterMs: retryAfterMs(retryAfter, nowMs),
  };
};

const failure = (reason: string, final: boolean): Sent => ({ ok: false, reason, final, retryAfterMs: null });

const reasonOf = (error: NodeJS.ErrnoException, signal: AbortSignal): Sent => {
  if (error.code === 'REFUSED_ADDRESS') return failure('refused-address', true);
  if (signal.aborted) return failure('stopped', false);
  if (error.name === 'AbortError') return failure('timeout', false);
  // A code, never the message: that may hold the address with what was written into it.
  return failure(`network-${(error.code ?? 'error').toLowerCase().replaceAll('_', '-')}`, false);
};

/** Reads to the end, so that the connection closes well; no further than anybody would read. */
const drain = (answer: IncomingMessage): Promise<void> =>
  new Promise((done) => {
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) answer.destroy();
    });
    answer.on('close', done);
    answer.on('error', () => done());
  });

const post = (url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> =>
  new Promise((answered, failed) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    start(url, options, answered).on('error', failed).end(body);
  });

const headersOf = ({ id, secret, nowMs }: Outgoing, body: string): Record<string, string> => {
  const timestampS = Math.floor(nowMs / 1_000);
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'precall',
    'idempotency-key': id,
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': sign(secret, id, timestampS, body),
  };
};

export interface WebhookOptions {
  readonly timers: Timers;
  readonly timeoutMs?: number;
}

/** A signed POST. No redirects, no proxies, no kept connections; see docs/notices.md for what a receiver does. */
export const createWebhook =
  ({ timers, timeoutMs = TIMEOUT_MS }: WebhookOptions): Notify =>
  async (outgoing, signal) => {
    const url = new URL(outgoing.channel.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isRefusedAddress(host)) return failure('refused-address', true);
    const body = JSON.stringify(outgoing.message);
    const late = new AbortController();
    const cancel = timers.after(timeoutMs, () => late.abort());
    const ends = AbortSignal.any([signal, late.signal]);
    try {
      const options = {
        method: 'POST',
        headers: headersOf(outgoing, body),
        agent: false,
        lookup,
        signal: ends,
      };
      const answer = await post(url, options, body);
      await drain(answer);
      return judge(answer.statusCode ?? 0, answer.headers['retry-after'], outgoing.nowMs);
    } catch (error) {
      return reasonOf(error as NodeJS.ErrnoException, signal);
    } finally {
      cancel();
    }
  };
