import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LedgerBusyError, LedgerFullError } from '../store/ledger.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import { LedgerUnsureError } from '../store/trouble.ts';
import { type Bench, furnish, openBench } from './testing/bench.ts';

describe('problems', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    await furnish(bench);
  });
  afterAll(() => bench.close());

  const post = (payload: string, headers: Record<string, string> = {}) =>
    bench.ask('attendant', {
      method: 'POST',
      url: '/api/v1/tickets',
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('are problem documents, whatever goes wrong', async () => {
    const answers = {
      400: await post('{"equipment":'),
      401: await bench.app.inject({ url: '/api/v1/sites?token=hidden' }),
      403: await bench.ask('viewer', { url: '/api/v1/quarantine' }),
      404: await bench.ask('viewer', { url: '/api/v1/nothing' }),
      413: await post(JSON.stringify({ words: 'x'.repeat(300_000) })),
      415: await post('<x/>', { 'content-type': 'text/xml' }),
      422: await post('{}'),
    };
    for (const [status, answer] of Object.entries(answers)) {
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      const problem = answer.json();
      expect(problem).toMatchObject({
        status: Number(status),
        title: expect.any(String),
        detail: expect.any(String),
        type: `urn:precall:problem:${problem.reason}`,
      });
      expect(problem.instance).toMatch(/^\/api\/v1\/[a-z]+$/);
    }
    expect(answers[400].json().reason).toBe('not-json');
    expect(answers[413].json().reason).toBe('body-too-large');
  });

  it('refuse a body that would poison a prototype', async () => {
    const answer = await post('{"equipment":"g1","source":"QR","__proto__":{"role":"admin"}}');
    expect(answer.statusCode).toBe(400);
  });

  it('name each missing and unknown field', async () => {
    const { errors } = (await post('{"colour":"red"}')).json();
    expect(errors).toEqual([
      { pointer: '#/equipment', detail: 'is missing' },
      { pointer: '#/source', detail: 'is missing' },
      { pointer: '#/colour', detail: 'is not known here' },
    ]);
  });

  it('tell nothing of the inside when it is our fault', async () => {
    const broken = {
      latestOf: () => Promise.reject(new Error('disk /var/lib/secret is broken')),
      onWrite: () => () => {},
    } as unknown as TelemetryStore;
    const other = await openBench({ telemetry: broken });
    try {
      await furnish(other);
      const answer = await other.ask('viewer', { url: '/api/v1/equipment' });
      expect([answer.statusCode, answer.json().reason]).toEqual([500, 'internal']);
      expect(answer.body).not.toContain('secret');
      expect(answer.json().detail).toMatch(/request req-\w+/);
    } finally {
      await other.close();
    }
  });

  it('name what the stores cannot do now, and the mend', async () => {
    const refusal = async (error: Error) => {
      const spy = vi.spyOn(bench.ledger, 'transaction').mockRejectedValueOnce(error);
      const answer = await post('{"equipment":"g1","source":"hotline"}');
      spy.mockRestore();
      return [answer.statusCode, answer.json().reason, answer.headers['retry-after']];
    };
    expect(await refusal(new LedgerFullError('the disk under /srv is full'))).toEqual([
      507,
      'disk-full',
      '60',
    ]);
    expect(await refusal(new LedgerBusyError('9 wait'))).toEqual([503, 'busy', '1']);
    expect(await refusal(new LedgerUnsureError('broke'))).toEqual([503, 'may-be-done', '5']);
    const list = await bench.ask('viewer', { url: '/api/v1/equipment?cursor=nonsense' });
    expect([list.statusCode, list.json().errors[0].pointer]).toEqual([400, '?cursor']);
  });

  it('are what a view that differs from its schema becomes, when answers are checked', async () => {
    await bench.ledger.sites.put({ id: 's2', name: 'x', position: { lat: 123, lon: 0 }, timeZone: 'UTC' }, 0);
    expect((await bench.ask('viewer', { url: '/api/v1/sites/s2' })).statusCode).toBe(500);
  });
});
