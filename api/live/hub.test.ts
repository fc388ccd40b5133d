import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangesLostError } from '../../store/ledger.ts';
import { hashPassword } from '../../store/password.ts';
import { type Bench, driftEvent, furnish, NOW_MS, openBench, reading } from '../testing/bench.ts';
import { listen, type Stream } from '../testing/stream.ts';

describe('live events', () => {
  let bench: Bench;
  let url: string;
  let streams: Stream[];
  beforeEach(async () => {
    streams = [];
    bench = await openBench({ live: { readingMs: 60, heartbeatMs: 80, maxClients: 4 } });
    await furnish(bench);
    url = `${await bench.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1/events`;
  });
  afterEach(async () => {
    for (const stream of streams) stream.close();
    await bench.close();
  });

  const open = async (query = '', headers: Record<string, string> = {}): Promise<Stream> => {
    const authorization = `Bearer ${await bench.token('viewer')}`;
    const stream = await listen(url + query, { authorization, ...headers });
    streams.push(stream);
    if (stream.status === 200) await stream.until(({ event }) => event === 'ready');
    return stream;
  };
  const report = (equipment = 'g1', unit = 'bay7') =>
    bench.ask('crew', {
      method: 'POST',
      url: '/api/v1/tickets',
      payload: { equipment, unit, source: 'crew', component: 'hoist' },
    });

  it('tell of alerts, tickets and machines as they are committed', async () => {
    const stream = await open();
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.headers.get('cache-control')).toBe('no-store');
    await bench.ledger.alerts.apply([driftEvent(1)]);
    const { id } = (await report()).json();
    const alert = await stream.until(({ event }) => event === 'alert');
    expect(alert.data).toMatchObject({ what: 'raised', alert: { id: 'a1', state: 'active' } });
    const ticket = await stream.until(({ event }) => event === 'ticket');
    expect(ticket.data).toMatchObject({ what: 'opened', ticket: { id, state: 'open' } });
    expect(alert.id).toMatch(/./);
    const health = await stream.until(
      ({ event, data }) =>
        event === 'equipment' && (data.equipment as { openTickets: [] }).openTickets.length > 0,
    );
    expect(health.data).toMatchObject({ equipment: { id: 'g1', health: 'due', openTickets: [id] } });
    await bench.ledger.equipment.heard('f1', {
      ...{ online: 'online', connectionId: 'x', firmware: '1', atMs: NOW_MS },
    });
    const online = await stream.until(({ data }) => data.what === 'online');
    expect(online.data).toMatchObject({ equipment: { id: 'f1', online: 'online' } });
  });

  it('tell the latest readings, not each one', async () => {
    const stream = await open();
    for (let n = 0; n < 40; n += 1)
      await bench.telemetry.write([reading(NOW_MS + n, { hoistCurrentA: n }, { seq: n })]);
    const isLast = (values: unknown) => (values as { value: number }[])[0]?.value === 39;
    bench.time.nowMs += 1_000;
    await stream.until(({ event, data }) => event === 'reading' && isLast(data.latest));
    const heard = stream.heard.filter(({ event }) => event === 'reading');
    expect(heard.length).toBeLessThan(20);
    expect(heard.every(({ id }) => id === null)).toBe(true);
    expect(heard.at(-1)?.data).toMatchObject({ equipment: 'g1', latest: [{ metric: 'hoistCurrentA' }] });
  });

  it('resume after Last-Event-ID: everything missed, nothing twice', async () => {
    const first = await open();
    await report('g1', 'bay1');
    const seen = await first.until(({ event }) => event === 'ticket');
    first.close();
    await report('g1', 'bay2');
    await report('f1', 'bay3');
    const second = await open('', { 'last-event-id': seen.id ?? '' });
    await report('g1', 'bay4');
    const unitOf = (heard: { data: { [key: string]: unknown } }) =>
      (heard.data.ticket as { unit: string }).unit;
    await second.until((heard) => heard.event === 'ticket' && unitOf(heard) === 'bay4');
    const tickets = second.heard.filter(({ event }) => event === 'ticket');
    expect(tickets.map(unitOf)).toEqual(['bay2', 'bay3', 'bay4']);
    const ids = second.heard.map(({ id }) => id).filter((id) => id !== null);
    expect(new Set(ids).size).toBeGreaterThanOrEqual(3);
  });

  it('begin at the newest change without Last-Event-ID', async () => {
    await report();
    const stream = await open();
    const ready = stream.heard.find(({ event }) => event === 'ready');
    expect(ready?.id).toBe(await bench.ledger.head());
    expect(stream.heard.filter(({ event }) => event === 'ticket')).toEqual([]);
  });

  it('say so when what was missed cannot be told', async () => {
    const stream = await open('', { 'last-event-id': 'from another age' });
    expect(stream.heard.map(({ event }) => event)).toEqual(['reset', 'ready']);
    await report();
    const ofAnotherLedger = await open('', { 'last-event-id': '999999' });
    expect(ofAnotherLedger.heard[0]).toMatchObject({ event: 'reset', data: { reason: 'unknown-cursor' } });
    const { changes } = bench.ledger;
    vi.spyOn(bench.ledger, 'changes').mockImplementation((after, limit) =>
      after === '1' ? Promise.reject(new ChangesLostError('1', '9')) : changes(after, limit),
    );
    const late = await open('', { 'last-event-id': '1' });
    expect(late.heard).toMatchObject([
      { event: 'reset', data: { reason: 'missed-too-much' } },
      { event: 'ready', id: await bench.ledger.head() },
    ]);
  });

  it('tell everybody to read anew when the service itself missed changes, and go on', async () => {
    const [all, some] = [await open(), await open('?equipment=f1')];
    vi.spyOn(bench.ledger, 'changes').mockRejectedValueOnce(new ChangesLostError('1', '9'));
    await report('g1', 'bay1');
    for (const stream of [all, some]) {
      const reset = await stream.until(({ event }) => event === 'reset');
      expect(reset).toMatchObject({ id: await bench.ledger.head(), data: { reason: 'missed-too-much' } });
    }
    await report('f1', 'bay2');
    for (const stream of [all, some]) {
      const { data } = await stream.until(({ event }) => event === 'ticket');
      expect(data).toMatchObject({ ticket: { unit: 'bay2' } });
    }
    expect((await bench.app.inject({ url: '/metrics' })).body).toContain('precall_live_resets_total 1');
  });

  it('may be about some machines only', async () => {
    const stream = await open('?equipment=f1');
    await report('g1');
    await report('f1');
    await bench.telemetry.write([reading(NOW_MS, { a: 1 }), reading(NOW_MS, { a: 1 }, { equipment: 'f1' })]);
    await stream.until(({ event }) => event === 'ticket');
    await stream.until(({ event }) => event === 'reading');
    expect(JSON.stringify(stream.heard)).not.toContain('"g1"');
    const wrong = await bench.ask('viewer', { url: '/api/v1/events?equipment=no%20id' });
    expect(wrong.statusCode).toBe(400);
  });

  it('beat while nothing happens', async () => {
    const stream = await open();
    const before = stream.comments();
    await expect.poll(() => stream.comments()).toBeGreaterThan(before + 1);
  });

  it('are limited in number', async () => {
    for (let n = 0; n < 4; n += 1) expect((await open()).status).toBe(200);
    const refused = await open();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    streams[0]?.close();
    await expect.poll(async () => (await open()).status).toBe(200);
  });

  it('are limited for each session too', async () => {
    const other = await openBench();
    try {
      const address = `${await other.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1/events`;
      const authorization = `Bearer ${await other.token('viewer')}`;
      const statuses: number[] = [];
      for (let n = 0; n < 17; n += 1) {
        const stream = await listen(address, { authorization });
        streams.push(stream);
        statuses.push(stream.status);
      }
      expect(statuses).toEqual([...Array(16).fill(200), 429]);
      const token = await other.token('crew', 'c1');
      const another = await listen(address, { authorization: `Bearer ${token}` });
      streams.push(another);
      expect(another.status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('end with the session: signed out, expired or disabled', async () => {
    const user = { id: 'v', role: 'viewer', crew: null, disabled: false } as const;
    await bench.ledger.people.put({ ...user, passwordHash: await hashPassword('a long password') }, NOW_MS);
    const signIn = async (): Promise<string> => {
      const payload = { user: 'v', password: 'a long password' };
      const answer = await bench.app.inject({ method: 'POST', url: '/api/v1/session', payload });
      return `precall_session=${answer.cookies[0]?.value}`;
    };
    const openWith = async (cookie: string): Promise<Stream> => {
      const stream = await listen(url, { cookie });
      streams.push(stream);
      await stream.until(({ event }) => event === 'ready');
      return stream;
    };
    const cookie = await signIn();
    const [signedOut, other] = [await openWith(cookie), await openWith(await signIn())];
    await bench.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    await signedOut.ended;
    expect(other.heard.map(({ event }) => event)).toEqual(['ready']);
    await bench.ledger.people.disable('v', NOW_MS);
    await other.ended;

    await bench.ledger.people.put({ ...user, passwordHash: await hashPassword('a long password') }, NOW_MS);
    const expiring = await openWith(await signIn());
    bench.time.nowMs += 31 * 86_400_000;
    await expiring.ended;
  });

  it('end when the service closes, so that closing does not wait', async () => {
    const stream = await open();
    await bench.app.close();
    await stream.ended;
  });

  it('are counted', async () => {
    const stream = await open();
    await report();
    await stream.until(({ event }) => event === 'ticket');
    const text = (await bench.app.inject({ url: '/metrics' })).body;
    expect(text).toContain('precall_live_clients 1');
    expect(text).toMatch(/precall_live_events_total [1-9]/);
  });
});
