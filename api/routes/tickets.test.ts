import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../store/ledger.ts';
import { type Bench, crew, driftEvent, furnish, NOW_MS, openBench } from '../testing/bench.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('tickets', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await furnish(bench);
  });
  afterEach(() => bench.close());

  const report = (payload: object, headers: Record<string, string> = {}) =>
    bench.ask('attendant', { method: 'POST', url: '/api/v1/tickets', payload, headers });
  const hotline = { equipment: 'g1', unit: 'bay7', component: 'hoist', source: 'hotline' };
  const act = (role: Role, id: string, action: string, payload?: object, crewId: string | null = null) =>
    bench.ask(
      role,
      { method: 'POST', url: `/api/v1/tickets/${id}/${action}`, ...(payload ? { payload } : {}) },
      crewId,
    );
  const opened = async (): Promise<string> => (await report({ ...hotline, words: 'it squeals' })).json().id;

  it('are opened by hand, in the words of who reported', async () => {
    const answer = await report({ ...hotline, reporter: 'Mr Wang', words: ' it squeals ' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      ...{ equipment: 'g1', unit: 'bay7', component: 'hoist', site: 's1', state: 'open', severity: 'S2' },
      ...{ cause: 'reported', source: 'hotline', reporter: 'Mr Wang', words: 'it squeals', crew: null },
      summary: { en: 'Bay 7 hoist: reported, “it squeals”', zh: expect.stringContaining('「it squeals」') },
      dueAt: new Date(NOW_MS + 4 * HOUR_MS).toISOString(),
      evidence: null,
      timeline: [
        {
          version: 1,
          what: 'opened',
          actor: expect.stringMatching(/^token:attendant#[0-9a-f]{6}$/),
          reason: 'reported-hotline',
          to: 'open',
        },
      ],
    });
  });

  it('are one for each item: a second report joins, a worse one raises', async () => {
    const id = await opened();
    bench.time.nowMs += HOUR_MS;
    const joined = await report({ ...hotline, source: 'QR', severity: 'S1', words: 'a car is trapped' });
    expect([joined.statusCode, joined.json().id]).toEqual([200, id]);
    expect(joined.json()).toMatchObject({
      severity: 'S1',
      dueAt: new Date(NOW_MS + 2 * HOUR_MS).toISOString(),
      version: 2,
    });
    expect(joined.json().timeline[1]).toMatchObject({
      ...{ what: 'severity-raised', reason: 'reported-again', note: 'QR: a car is trapped' },
    });
    expect((await report({ ...hotline, severity: 'S3' })).json()).toMatchObject({
      severity: 'S1',
      version: 3,
    });
    expect((await report({ ...hotline, unit: 'bay8' })).statusCode).toBe(201);
  });

  it('reopen when a person reports again after the repair', async () => {
    const id = await opened();
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    for (const action of ['acknowledge', 'depart', 'arrive', 'resolve']) {
      const step = await act('crew', id, action, undefined, 'c1');
      expect([action, step.statusCode]).toEqual([action, 200]);
    }
    const again = await report({ ...hotline, words: 'still squeals' });
    expect([again.statusCode, again.json().state]).toEqual([200, 'open']);
    expect(
      again
        .json()
        .timeline.map(({ what }: { what: string }) => what)
        .slice(-2),
    ).toEqual(['comment', 'reopen']);
  });

  it('name the field that cannot be meant', async () => {
    const wrong = async (payload: object) => {
      const answer = await report(payload);
      return [answer.statusCode, answer.json().errors?.[0]?.pointer];
    };
    expect(await wrong({ ...hotline, equipment: 'none' })).toEqual([422, '#/equipment']);
    expect(await wrong({ ...hotline, component: 'flux' })).toEqual([422, '#/component']);
    expect(await wrong({ ...hotline, source: 'rumour' })).toEqual([422, '#/source']);
    expect(await wrong({ ...hotline, colour: 'red' })).toEqual([422, '#/colour']);
    expect(await wrong({ unit: 'bay7', source: 'hotline' })).toEqual([422, '#/equipment']);
  });

  it('are stepped by the crew that has them, and by no other', async () => {
    const id = await opened();
    const assigned = await act('dispatcher', id, 'assign', { crew: 'c1' });
    expect(assigned.json()).toMatchObject({ state: 'dispatched', crew: 'c1', crewName: 'Crew c1' });
    expect(Date.parse(assigned.json().etaAt)).toBeGreaterThan(NOW_MS);
    const other = await act('crew', id, 'acknowledge', {}, 'c2');
    expect([other.statusCode, other.json().reason]).toEqual([403, 'not-your-ticket']);
    const attendant = await act('attendant', id, 'close', { reason: 'x' });
    expect(attendant.statusCode).toBe(403);
    expect((await act('attendant', id, 'comment', { note: 'gate is open' })).statusCode).toBe(200);
    expect((await act('crew', id, 'acknowledge', {}, 'c1')).json().state).toBe('acknowledged');
  });

  it('refuse an illegal step with the reason', async () => {
    const id = await opened();
    const answer = await act('dispatcher', id, 'resolve');
    expect([answer.statusCode, answer.json().reason]).toEqual([409, 'illegal-step']);
    expect(answer.json().detail).toContain('possible from: onsite');
    const missing = await act('dispatcher', id, 'close');
    expect([missing.statusCode, missing.json().errors[0].pointer]).toEqual([422, '#/reason']);
    expect((await act('dispatcher', id, 'assign')).json().errors[0].pointer).toBe('#/crew');
    expect((await act('dispatcher', id, 'assign', { crew: 'none' })).json().reason).toBe('no-such-crew');
    expect((await act('dispatcher', id, 'depart', { crew: 'c1' })).json().reason).toBe('crew-not-taken');
    expect((await act('dispatcher', id, 'acknowledge')).json().reason).toBe('crew-missing');
    expect((await act('dispatcher', id, 'explode')).statusCode).toBe(400);
    expect((await act('dispatcher', 'none', 'comment', { note: 'x' })).statusCode).toBe(404);
    expect((await act('dispatcher', id, 'comment', { note: '  ' })).json().reason).toBe('note-missing');
    expect((await bench.ledger.tickets.get(id))?.version).toBe(1);
  });

  it('do not offer a crew that is not active', async () => {
    await bench.ledger.crews.put(crew('c2', { active: false }), NOW_MS);
    const answer = await act('dispatcher', await opened(), 'assign', { crew: 'c2' });
    expect([answer.statusCode, answer.json().reason]).toEqual([422, 'crew-inactive']);
  });

  it('keep the note of a second acknowledgement', async () => {
    const id = await opened();
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    const first = await act('crew', id, 'acknowledge', {}, 'c1');
    expect(first.json()).not.toHaveProperty('alreadyAcknowledged');
    const second = await act('crew', id, 'acknowledge', { note: 'second phone' }, 'c1');
    expect([second.statusCode, second.json().alreadyAcknowledged]).toEqual([200, true]);
    expect(second.json()).toMatchObject({
      state: 'acknowledged',
      acknowledgedAt: first.json().acknowledgedAt,
    });
    expect(second.json().timeline.at(-1)).toMatchObject({
      reason: 'already-acknowledged',
      note: 'second phone',
    });
  });

  it('honour when it was done on the phone, within reason', async () => {
    const id = await opened();
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    bench.time.nowMs += HOUR_MS;
    const at = (ms: number) => ({ at: new Date(ms).toISOString() });
    const early = await act('crew', id, 'acknowledge', at(NOW_MS - 6 * MINUTE_MS), 'c1');
    expect([early.statusCode, early.json().reason]).toEqual([422, 'before-opening']);
    const late = await act('crew', id, 'acknowledge', at(NOW_MS + HOUR_MS + 6 * MINUTE_MS), 'c1');
    expect([late.statusCode, late.json().reason]).toEqual([422, 'in-the-future']);
    const nonsense = await act('crew', id, 'acknowledge', { at: 'noon' }, 'c1');
    expect([nonsense.statusCode, nonsense.json().reason]).toEqual([422, 'bad-time']);

    const done = await act('crew', id, 'acknowledge', at(NOW_MS + 5 * MINUTE_MS), 'c1');
    expect(done.json().acknowledgedAt).toBe(new Date(NOW_MS + 5 * MINUTE_MS).toISOString());
    expect(done.json().timeline.at(-1)).toMatchObject({
      at: new Date(NOW_MS + 5 * MINUTE_MS).toISOString(),
      heardAt: new Date(NOW_MS + HOUR_MS).toISOString(),
    });
    // A clock that runs ahead a little does not make the future.
    const ahead = await act('crew', id, 'depart', at(NOW_MS + HOUR_MS + 4 * MINUTE_MS), 'c1');
    expect(ahead.json().departedAt).toBe(new Date(NOW_MS + HOUR_MS).toISOString());
  });

  it('never run backwards in time, and say what the phone said', async () => {
    const id = await opened();
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    bench.time.nowMs += HOUR_MS;
    const minute = (n: number) => new Date(NOW_MS + n * MINUTE_MS).toISOString();
    const acked = await act('crew', id, 'acknowledge', { at: minute(20) }, 'c1');
    expect(acked.json().acknowledgedAt).toBe(minute(20));
    // Only said, not done: neither is moved nor moves what follows.
    expect(
      (await act('crew', id, 'comment', { at: minute(5), note: 'in traffic' }, 'c1')).json(),
    ).toMatchObject({
      timeline: [{}, {}, {}, { what: 'comment', at: minute(5), note: 'in traffic' }],
    });
    await act('crew', id, 'acknowledge', { at: minute(40) }, 'c1');
    const left = await act('crew', id, 'depart', { at: minute(10), note: 'on the way' }, 'c1');
    expect(left.json()).toMatchObject({ departedAt: minute(20), acknowledgedAt: minute(20) });
    const line = left.json().timeline.at(-1);
    expect(line.at).toBe(minute(20));
    expect(line.note).toContain(`on the way (said for ${minute(10)}`);
    expect((await act('crew', id, 'arrive', { at: minute(30) }, 'c1')).json().arrivedAt).toBe(minute(30));
    expect((await act('crew', id, 'resolve', { at: minute(-2) }, 'c1')).json().resolvedAt).toBe(minute(30));
  });

  it('cannot be opened again beside the one that is open for the same item', async () => {
    const id = await opened();
    await act('dispatcher', id, 'close', { reason: 'a test' });
    const other = await opened();
    expect(other).not.toBe(id);
    const answer = await act('dispatcher', id, 'reopen');
    expect([answer.statusCode, answer.json().reason]).toEqual([409, 'ticket-exists']);
    expect(answer.json().detail).toContain(other);
    expect((await bench.ledger.tickets.get(id))?.state).toBe('closed');
  });

  it('give the answer kept under a key to none but who got it, however tokens are called', async () => {
    const id = await opened();
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    const [ours, theirs, ours2] = [
      await bench.newToken('script', 'crew', 'c1'),
      await bench.newToken('script', 'crew', 'c2'),
      await bench.newToken('script', 'crew', 'c1'),
    ];
    const post = (token: string, action: string, key: string) =>
      bench.app.inject({
        method: 'POST',
        url: `/api/v1/tickets/${id}/${action}`,
        payload: {},
        headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
      });
    expect((await post(ours, 'acknowledge', 'k')).statusCode).toBe(200);
    const stolen = await post(theirs, 'acknowledge', 'k');
    expect([stolen.statusCode, stolen.json().reason]).toEqual([403, 'not-your-ticket']);
    expect((await post(ours2, 'acknowledge', 'k')).json().alreadyAcknowledged).toBe(true);
    const timeline = await bench.ledger.tickets.timeline(id);
    const actors = timeline.slice(-2).map(({ actor }) => actor);
    for (const actor of actors) expect(actor).toMatch(/^token:script#[0-9a-f]{6}$/);
    expect(new Set(actors).size).toBe(2);
    // A step that ends the crew's part can be repeated all the same: the answer is its own.
    const declined = await post(ours, 'decline', 'k2');
    expect(await post(ours, 'decline', 'k2')).toMatchObject({ statusCode: 200, body: declined.body });
  });

  it('judge a request under a known key anew when the person has other rights by now', async () => {
    const id = await opened();
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    const post = async (crewId: string) =>
      bench.app.inject({
        method: 'POST',
        url: `/api/v1/tickets/${id}/acknowledge`,
        payload: {},
        headers: { cookie: await bench.session('cora', 'crew', crewId), 'idempotency-key': 'k' },
      });
    const first = await post('c1');
    expect([first.statusCode, first.json().timeline.at(-1).actor]).toEqual([200, 'cora']);
    // Another session of the same person, as after a new sign-in, is the same person.
    expect((await post('c1')).headers['idempotency-replayed']).toBe('true');
    expect((await post('c2')).statusCode).toBe(403);
  });

  it('are done once for each Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'k1' };
    const body = { ...hotline, words: 'once' };
    const first = await report(body, key);
    const again = await report(body, key);
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const other = await report({ ...body, words: 'twice' }, key);
    expect([other.statusCode, other.json().reason]).toEqual([422, 'idempotency-key-reused']);
    expect(await bench.ledger.tickets.timeline(first.json().id)).toHaveLength(1);
    // Keys are each person's own.
    const payload = { note: 'x' };
    const url = `/api/v1/tickets/${first.json().id}/comment`;
    expect((await bench.ask('admin', { method: 'POST', url, payload, headers: key })).statusCode).toBe(200);
  });

  it('are done once even when the same request comes many times at once', async () => {
    const key = { 'idempotency-key': 'k2' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => report(hotline, key)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    const id = answers[0]?.json().id;
    expect(await bench.ledger.tickets.timeline(id)).toHaveLength(1);
  });

  it('do not keep a refusal under its key: it may be tried again', async () => {
    const id = await opened();
    const headers = { 'idempotency-key': 'k3' };
    const url = `/api/v1/tickets/${id}/acknowledge`;
    const ask = () => bench.ask('dispatcher', { method: 'POST', url, headers });
    expect((await ask()).statusCode).toBe(409);
    await act('dispatcher', id, 'assign', { crew: 'c1' });
    expect((await ask()).statusCode).toBe(200);
  });

  it('are listed newest first, by state, machine and crew, in pages', async () => {
    const ids: string[] = [];
    for (const unit of ['bay1', 'bay2', 'bay3']) {
      bench.time.nowMs += MINUTE_MS;
      ids.push((await report({ ...hotline, unit })).json().id);
    }
    await act('dispatcher', ids[0] as string, 'assign', { crew: 'c1' });
    await act('dispatcher', ids[1] as string, 'cancel', { reason: 'a test' });
    const list = async (query: string) => {
      const answer = await bench.ask('viewer', { url: `/api/v1/tickets${query}` });
      return { ids: answer.json().items?.map(({ id }: { id: string }) => id), next: answer.json().next };
    };
    expect((await list('')).ids).toEqual([...ids].reverse());
    expect((await list('?state=open,dispatched')).ids).toEqual([ids[2], ids[0]]);
    expect((await list('?crew=c1')).ids).toEqual([ids[0]]);
    expect((await list('?equipment=f1')).ids).toEqual([]);
    const first = await list('?limit=2');
    expect(first.ids).toEqual([ids[2], ids[1]]);
    expect(await list(`?limit=2&cursor=${first.next}`)).toEqual({ ids: [ids[0]], next: null });
    for (const query of ['?state=broken', '?cursor=nonsense', '?limit=1001', '?states=open'])
      expect((await bench.ask('viewer', { url: `/api/v1/tickets${query}` })).statusCode).toBe(400);
  });

  it('speak by their leading alert, also when it has ended', async () => {
    await bench.ledger.alerts.apply([driftEvent(1)]);
    const id = await opened();
    const ticket = await bench.ledger.tickets.get(id);
    if (!ticket) throw new Error('no ticket');
    const entry = (await bench.ledger.tickets.timeline(id))[0];
    if (!entry) throw new Error('no line');
    await bench.ledger.tickets.step({ ...ticket, alerts: ['a1'], version: 2 }, { ...entry, version: 2 });
    const read = async () => (await bench.ask('viewer', { url: `/api/v1/tickets/${id}` })).json();
    expect(await read()).toMatchObject({
      summary: { en: expect.stringContaining('Bay 7 hoist: hoist current 10.4 A') },
      evidence: { detector: { name: 'drift' }, crossing: { limit: 11, latestAt: null }, seen: 10.4 },
    });
    await bench.ledger.alerts.apply([
      driftEvent(2, { alert: 'a1', type: 'cleared', reason: 'drift-stopped' }),
    ]);
    expect((await read()).evidence.metric).toBe('hoistCurrentA');
  });
});
