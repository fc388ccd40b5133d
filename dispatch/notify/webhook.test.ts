import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { message } from '../../core/notice/message.ts';
import type { Channel } from '../../store/notices.ts';
import { systemTimers } from '../../time/system.ts';
import type { Outgoing } from './notify.ts';
import { sign } from './sign.ts';
import { createWebhook, isRefusedAddress, judge } from './webhook.ts';

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const NOW_MS = Date.parse('2026-11-23T02:00:00Z');
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const never = new AbortController().signal;

let server: Server;
let got: Got[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  got = [];
  answer = (response) => response.writeHead(204).end();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push({ headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const urlOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`;

const outgoing = (url: string): Outgoing => ({
  id: 'msg_1',
  channel: { id: 'hook', kind: 'webhook', url } as Channel,
  secret: SECRET,
  message: message([], NOW_MS),
  nowMs: NOW_MS,
});

const send = (url = urlOf(), timeoutMs = 5_000) =>
  createWebhook({ timers: systemTimers, timeoutMs })(outgoing(url), never);

describe('webhook', () => {
  test('sends JSON that its receiver can prove, as Standard Webhooks says', async () => {
    expect(await send()).toEqual({ ok: true });
    const [{ headers, body } = { headers: {}, body: '' }] = got;
    expect(JSON.parse(body)).toEqual({
      type: 'precall.notices',
      timestamp: '2026-11-23T02:00:00.000Z',
      data: { notices: [] },
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'webhook-id': 'msg_1',
      'idempotency-key': 'msg_1',
      'webhook-timestamp': String(NOW_MS / 1_000),
    });
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(JSON.stringify(headers)).not.toContain(SECRET);
  });

  test('signs as the example of the specification does', () => {
    // https://github.com/standard-webhooks/standard-webhooks, the test vector of its reference libraries.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const signature = sign(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}');
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('tells later from never, and hears how long', () => {
    const outcome = (status: number, after?: string) => {
      const sent = judge(status, after, NOW_MS);
      return sent.ok ? 'ok' : `${sent.reason} ${sent.final ? 'final' : 'later'} ${sent.retryAfterMs}`;
    };
    expect([200, 202, 299].map((status) => outcome(status))).toEqual(['ok', 'ok', 'ok']);
    expect([301, 307, 400, 404, 410].map((status) => outcome(status))).toEqual(
      [301, 307, 400, 404, 410].map((status) => `http-${status} final null`),
    );
    expect([408, 425, 429, 500, 503].map((status) => outcome(status))).toEqual(
      [408, 425, 429, 500, 503].map((status) => `http-${status} later null`),
    );
    expect(outcome(503, '120')).toBe('http-503 later 120000');
    expect(outcome(429, new Date(NOW_MS + 90_000).toUTCString())).toBe('http-429 later 90000');
    expect(outcome(429, '9999999')).toBe('http-429 later 86400000');
    expect(outcome(429, 'soon')).toBe('http-429 later null');
  });

  test('follows no redirect', async () => {
    answer = (response) => response.writeHead(302, { location: urlOf() }).end();
    expect(await send()).toMatchObject({ ok: false, reason: 'http-302', final: true });
    expect(got).toHaveLength(1);
  });

  test('waits neither for an answer that does not come nor for one that does not end', async () => {
    answer = () => undefined;
    expect(await send(urlOf(), 200)).toMatchObject({ reason: 'timeout', final: false });
    answer = (response) => {
      response.writeHead(200).flushHeaders();
      response.write('x');
    };
    const ended = await send(urlOf(), 200);
    // The status came: it was taken, whatever of the answer is missing.
    expect(ended).toEqual({ ok: true });
    answer = (response) => void response.writeHead(200).end('x'.repeat(5_000_000));
    expect(await send()).toEqual({ ok: true });
  });

  test('names what the network does, and nothing of the address', async () => {
    const url = urlOf();
    server.close();
    server.closeAllConnections();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await send(url)).toMatchObject({ reason: 'network-econnrefused', final: false });
  });

  test('ends at once when the service stops', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const sending = createWebhook({ timers: systemTimers })(outgoing(urlOf()), stop.signal);
    setTimeout(() => stop.abort(), 50);
    expect(await sending).toMatchObject({ reason: 'stopped', final: false });
  });

  test('never asks where a cloud keeps its credentials, however that is written', async () => {
    for (const address of [
      '169.254.169.254',
      'fe80::1',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '0.0.0.0',
    ])
      expect([address, isRefusedAddress(address)]).toEqual([address, true]);
    for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.9', '::1', 'fd12::1', '8.8.8.8'])
      expect([address, isRefusedAddress(address)]).toEqual([address, false]);
    for (const url of [
      'http://169.254.169.254/x',
      'http://[fe80::1]/x',
      'http://0xa9fea9fe/x',
      'http://2852039166/',
    ])
      expect(await send(url)).toMatchObject({ reason: 'refused-address', final: true });
  });
});
