import { Compile } from 'typebox/compile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { message, noticeFacts, ticketFacts } from '../../core/notice/message.ts';
import { newTicket } from '../../core/ticket/open.ts';
import { step } from '../../core/ticket/step.ts';
import type { TicketAction } from '../../core/ticket/ticket.ts';
import { WebhookMessage } from '../contract/notices.ts';
import { type Bench, furnish, NOW_MS, openBench } from '../testing/bench.ts';
import { type Heard, listen } from '../testing/stream.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await furnish(bench);
});
afterEach(() => bench.close());

const act = (action: TicketAction, patch: { crew?: string; reason?: string } = {}): Promise<void> =>
  bench.ledger.transaction(async (tx) => {
    const ticket = await tx.tickets.get('t1');
    if (!ticket) throw new Error('no ticket');
    const nowMs = bench.time.nowMs;
    const result = step(ticket, {
      ...{ action, atMs: nowMs, heardAtMs: nowMs, actor: 'li', actorCrew: ticket.crew },
      ...patch,
    });
    if (!result.ok) throw new Error(result.detail);
    await tx.tickets.step(result.ticket, result.entry);
  });

const open = async (): Promise<void> => {
  const ticket = newTicket(
    {
      ...{ id: 't1', equipment: 'g1', unit: 'bay7', site: 's1', component: 'hoist', cause: 'reported' },
      ...{ severity: 'S1', source: 'hotline', reporter: 'Mr Wang', words: 'my car is stuck' },
    },
    NOW_MS,
  );
  await bench.ledger.tickets.open(ticket, {
    ...{ ticket: 't1', version: 1, atMs: NOW_MS, heardAtMs: NOW_MS, what: 'opened', actor: 'system' },
    ...{ from: null, to: 'open', crew: null, reason: null, note: null },
  });
  await act('assign', { crew: 'c1' });
};

const hook = {
  id: 'hook',
  url: 'https://hooks.test/services/T0/B0/abcdefgh?key=secret',
  audience: 'crew:c1',
};
const add = (payload: object = hook, headers = {}) =>
  bench.ask('admin', { method: 'POST', url: '/api/v1/channels', payload, headers });

describe('channels', () => {
  it('are added with a secret that is shown once and signs; answers never hold it or the whole URL', async () => {
    const added = await add(hook, { 'idempotency-key': 'k1' });
    expect(added.statusCode).toBe(201);
    const { secret } = added.json();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await bench.ledger.channels.secret('hook')).toBe(secret);
    const again = await add(hook, { 'idempotency-key': 'k1' });
    expect(again.json()).toEqual({ ...added.json(), secret: null });
    const { body } = await bench.ask('admin', { url: '/api/v1/channels' });
    expect(JSON.parse(body).items[0]).toMatchObject({
      id: 'hook',
      url: 'https://hooks.test/…cret',
      language: 'both',
    });
    for (const hidden of [secret, 'key=secret', 'T0/B0']) expect(body).not.toContain(hidden);
    const audit = JSON.stringify((await bench.ledger.audit.list({ limit: 9 })).rows);
    expect(audit).toContain('channel.added');
    for (const hidden of [secret, 'key=secret', 'T0/B0']) expect(audit).not.toContain(hidden);
    const rotated = await bench.ask('admin', { method: 'POST', url: '/api/v1/channels/hook/rotate' });
    expect(rotated.json().secret).not.toBe(secret);
    expect(await bench.ledger.channels.secret('hook')).toBe(rotated.json().secret);
  });

  it('say which field is wrong', async () => {
    for (const [change, reason] of [
      [{ url: 'ftp://hooks.test/x' }, 'bad-url'],
      [{ url: 'https://me:pass@hooks.test/x' }, 'bad-url'],
      [{ url: 'hooks.test' }, 'bad-url'],
      [{ audience: 'everybody' }, 'bad-audience'],
      [{ audience: 'crew:none' }, 'no-such-crew'],
      [{ audience: 'site:none' }, 'no-such-site'],
      [{ audience: 'station:none' }, 'no-such-station'],
    ] as const) {
      const answer = await add({ ...hook, ...change });
      expect([answer.statusCode, answer.json().reason]).toEqual([422, reason]);
    }
    expect((await add({ ...hook, perMinute: 0 })).statusCode).toBe(422);
    expect((await add()).statusCode).toBe(201);
    expect((await add()).json().reason).toBe('channel-exists');
  });

  it('are changed, which ends a pause, tested and removed', async () => {
    await add();
    const failing = { failures: 9, pausedUntilMs: NOW_MS + 60_000, pauseReason: 'http-500' };
    await bench.ledger.channels.fared('hook', failing, null, NOW_MS);
    expect((await bench.ask('admin', { url: '/api/v1/channels/hook' })).json()).toMatchObject({
      failures: 9,
      pauseReason: 'http-500',
    });
    const changed = await bench.ask('admin', {
      ...{ method: 'PATCH', url: '/api/v1/channels/hook', payload: { perMinute: 20 } },
    });
    expect(changed.json()).toMatchObject({ perMinute: 20, failures: 0, pausedUntil: null });
    const test = await bench.ask('admin', { method: 'POST', url: '/api/v1/channels/hook/test' });
    expect(test.statusCode).toBe(202);
    const { delivery } = test.json();
    const view = await bench.ask('dispatcher', { url: `/api/v1/deliveries/${delivery}` });
    expect(view.json()).toMatchObject({ channel: 'hook', state: 'waiting', notice: { kind: 'test' } });
    expect((await bench.ask('admin', { method: 'DELETE', url: '/api/v1/channels/hook' })).statusCode).toBe(
      204,
    );
    expect((await bench.ask('admin', { method: 'DELETE', url: '/api/v1/channels/hook' })).statusCode).toBe(
      404,
    );
    expect((await bench.ledger.outbox.get(delivery))?.state).toBe('dropped');
  });
});

describe('the inbox', () => {
  it('holds what was said to the role or crew, with words and whether it still holds', async () => {
    await open();
    const mine = async (role: 'crew' | 'dispatcher' | 'viewer' | 'admin', crew: string | null = null) =>
      (await bench.ask(role, { url: '/api/v1/notices?for=me&unread=true' }, crew)).json();
    const inbox = await mine('crew', 'c1');
    expect(inbox).toMatchObject({ unread: 1, next: null });
    expect(inbox.items[0]).toMatchObject({
      ...{
        kind: 'assigned',
        ticket: 't1',
        equipment: 'g1',
        needsAcknowledgement: true,
        holds: true,
        read: false,
      },
      words: {
        en: expect.stringMatching(/^S1 New job, please acknowledge · East gate Garage east · Bay 7 /),
      },
    });
    expect((await mine('crew', 'c2')).items).toEqual([]);
    expect((await mine('viewer')).items).toEqual([]);
    await act('acknowledge');
    expect((await mine('crew', 'c1')).items[0].holds).toBe(false);
    await act('cancel', { reason: 'wrong machine' });
    expect((await mine('dispatcher')).items.map(({ kind }: { kind: string }) => kind)).toEqual(['cancelled']);
    const read = await bench.ask(
      'crew',
      { method: 'POST', url: '/api/v1/notices/read', payload: { ids: [inbox.items[0].id] } },
      'c1',
    );
    expect(read.json()).toEqual({ unread: 1 });
    expect((await mine('crew', 'c1')).items.map(({ kind }: { kind: string }) => kind)).toEqual(['cancelled']);
    const all = (await bench.ask('crew', { url: '/api/v1/notices' }, 'c1')).json();
    expect(all.items.map(({ read: isRead }: { read: boolean }) => isRead)).toEqual([false, true]);
  });

  it('hears of new ones on the stream, and of nobody else’s', async () => {
    const url = `${await bench.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1/events`;
    const hear = async (crew: string) =>
      listen(url, { authorization: `Bearer ${await bench.token('crew', crew)}` });
    const [one, two] = [await hear('c1'), await hear('c2')];
    const isNotice = ({ event }: Heard): boolean => event === 'notice';
    for (const stream of [one, two]) await stream.until(({ event }) => event === 'ready');
    await open();
    const event = await one.until(isNotice);
    expect(event.data).toMatchObject({ what: 'assigned', notice: { ticket: 't1', audience: 'crew:c1' } });
    await act('assign', { crew: 'c2' });
    expect((await two.until(isNotice)).data).toMatchObject({ notice: { audience: 'crew:c2' } });
    expect(two.heard.filter(isNotice)).toHaveLength(1);
    const resumed = await listen(url, {
      authorization: `Bearer ${await bench.token('crew', 'c2')}`,
      'last-event-id': '0',
    });
    await resumed.until(({ event: name }) => name === 'ready');
    expect(resumed.heard.filter(isNotice)).toHaveLength(1);
    for (const stream of [one, two, resumed]) stream.close();
  });
});

describe('dead letters', () => {
  it('are listed, tried again and put aside by a person, audited', async () => {
    await add();
    await open();
    const [row] = (await bench.ledger.outbox.list({ limit: 1 })).rows;
    const id = row?.id ?? 0;
    const judge = (action: string) =>
      bench.ask('dispatcher', { method: 'POST', url: `/api/v1/deliveries/${id}/${action}` });
    expect((await judge('retry')).json()).toMatchObject({ status: 409, reason: 'not-a-dead-letter' });
    const die = async () => {
      const [claimed] = await bench.ledger.outbox.claim([id], 'msg_1', NOW_MS, NOW_MS + 1);
      if (!claimed) throw new Error('not claimed');
      await bench.ledger.outbox.finish(claimed, { state: 'dead', reason: 'http-404' }, NOW_MS);
    };
    await die();
    const dead = await bench.ask('dispatcher', { url: '/api/v1/deliveries?state=dead' });
    expect(dead.json().items).toMatchObject([
      { id, channel: 'hook', reason: 'http-404', attempts: 1, notice: { kind: 'assigned', ticket: 't1' } },
    ]);
    expect((await bench.ask('dispatcher', { url: '/api/v1/outbox' })).json()).toMatchObject({
      dead: 1,
      waiting: 0,
    });
    expect((await judge('retry')).json()).toMatchObject({ state: 'waiting', attempts: 0 });
    await die();
    expect((await judge('dismiss')).json()).toMatchObject({ state: 'dismissed' });
    const actions = (await bench.ledger.audit.list({ limit: 9 })).rows.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['delivery.retried', 'delivery.dismissed']));
    expect((await bench.ask('dispatcher', { url: '/api/v1/deliveries/999' })).statusCode).toBe(404);
  });
});

it('a webhook’s message is what the contract says, and holds nothing that a person wrote', async () => {
  await open();
  const ticket = await bench.ledger.tickets.get('t1');
  const notice = await bench.ledger.notices.get('t1.2.assigned.crew:c1');
  if (!ticket || !notice) throw new Error('nothing was said');
  const words = { en: 'words', zh: '话' };
  const sent = message(
    [noticeFacts(notice, words, 'both', ticketFacts(ticket, 'https://precall.test'))],
    NOW_MS,
  );
  expect(Compile(WebhookMessage).Check(JSON.parse(JSON.stringify(sent)))).toBe(true);
  expect(sent.data.notices[0]?.ticket?.url).toBe('https://precall.test/tickets/t1');
  for (const hidden of ['Mr Wang', 'stuck']) expect(JSON.stringify(sent)).not.toContain(hidden);
});
