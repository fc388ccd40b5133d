import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../store/ledger.ts';
import { type Bench, driftEvent, furnish, NOW_MS, openBench } from '../testing/bench.ts';

describe('alerts', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await furnish(bench);
    await bench.ledger.alerts.apply([
      driftEvent(1),
      driftEvent(2, { equipment: 'f1', atMs: NOW_MS - 30_000, rule: 'drift:x', unit: '' }),
      driftEvent(3, { alert: 'a2', equipment: 'f1', unit: '', rule: 'drift:x', type: 'cleared' }),
    ]);
  });
  afterEach(() => bench.close());

  const list = async (query: string) => {
    const answer = await bench.ask('viewer', { url: `/api/v1/alerts${query}` });
    return answer.json().items?.map(({ id }: { id: string }) => id) ?? answer.statusCode;
  };
  const post = (role: Role, id: string, action: string, payload: object = {}, headers = {}) =>
    bench.ask(role, { method: 'POST', url: `/api/v1/alerts/${id}/${action}`, payload, headers });

  it('are listed newest first, by state and machine', async () => {
    expect(await list('')).toEqual(['a2', 'a1']);
    expect(await list('?state=active')).toEqual(['a1']);
    expect(await list('?state=cleared&equipment=g1')).toEqual([]);
    expect(await list('?equipment=f1')).toEqual(['a2']);
    expect(await list('?state=shouting')).toBe(400);
  });

  it('show their evidence and timeline', async () => {
    const alert = (await bench.ask('viewer', { url: '/api/v1/alerts/a1' })).json();
    expect(alert).toMatchObject({
      summary: { en: expect.stringContaining('About 9 days to the 11.0 A limit') },
      evidence: {
        detector: { name: 'drift', version: 1 },
        expected: { low: 8, high: 9.5 },
        sample: { value: [10.2, 10.4] },
      },
      timeline: [{ type: 'raised', reason: 'drifting-to-limit', actor: null }],
    });
    expect((await bench.ask('viewer', { url: '/api/v1/alerts/none' })).statusCode).toBe(404);
  });

  it('are acknowledged once; a second one keeps its note', async () => {
    const first = await post('crew', 'a1', 'acknowledge', { note: 'on my way' });
    expect(first.json()).toMatchObject({
      acknowledgedBy: expect.stringMatching(/^token:crew#/),
      acknowledgedAt: expect.any(String),
    });
    bench.time.nowMs += 60_000;
    const second = await post('dispatcher', 'a1', 'acknowledge', { note: 'seen too' });
    expect(second.statusCode).toBe(200);
    expect(second.json()).toMatchObject({
      acknowledgedBy: expect.stringMatching(/^token:crew#/),
      acknowledgedAt: first.json().acknowledgedAt,
    });
    expect(second.json().timeline.slice(1)).toMatchObject([
      { type: 'acknowledged', actor: expect.stringMatching(/^token:crew#/), note: 'on my way' },
      {
        type: 'commented',
        reason: 'already-acknowledged',
        actor: expect.stringMatching(/^token:dispatcher#/),
        note: 'seen too',
      },
    ]);
  });

  it('are not acknowledged after they ended, but commented', async () => {
    const answer = await post('crew', 'a2', 'acknowledge');
    expect([answer.statusCode, answer.json().reason]).toEqual([409, 'alert-cleared']);
    const comment = await post('attendant', 'a2', 'comment', { note: 'door was open' });
    expect(comment.json().timeline.at(-1)).toMatchObject({ type: 'commented', note: 'door was open' });
    expect((await post('attendant', 'a2', 'comment')).json().reason).toBe('note-missing');
    expect((await post('crew', 'none', 'acknowledge')).statusCode).toBe(404);
  });

  it('show the healthy machines that they were compared with', async () => {
    const { evidence } = driftEvent(9);
    const peers = {
      model: 'PSH-7',
      count: 8,
      band: { low: 8.1, high: 9.2 },
      sample: [{ equipment: 'g2', unit: 'bay7', level: 8.6 }],
    };
    await bench.ledger.alerts.apply([driftEvent(9, { unit: 'bay9', evidence: { ...evidence, peers } })]);
    const shown = (await bench.ask('viewer', { url: '/api/v1/alerts/a9' })).json();
    expect(shown.evidence.peers).toEqual(peers);
    const other = (await bench.ask('viewer', { url: '/api/v1/alerts/a1' })).json();
    expect(other.evidence.peers).toBeNull();
  });

  it('are commented once for each Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'once' };
    await post('crew', 'a1', 'comment', { note: 'x' }, key);
    const again = await post('crew', 'a1', 'comment', { note: 'x' }, key);
    expect(again.json().timeline).toHaveLength(2);
  });
});
