import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, crew, furnish, openBench } from '../testing/bench.ts';

describe('crews', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await furnish(bench);
  });
  afterEach(() => bench.close());
  const ask = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) =>
    bench.ask('dispatcher', { method, url: `/api/v1/crews${path}`, ...(payload ? { payload } : {}) });

  it('are added, read, changed and removed, with an audit', async () => {
    const added = await ask('POST', '', crew('c9'));
    expect([added.statusCode, added.json()]).toEqual([201, crew('c9')]);
    const changed = await ask('PATCH', '/c9', { name: 'Night crew', active: false });
    expect(changed.json()).toEqual(crew('c9', { name: 'Night crew', active: false }));
    expect((await ask('GET', '/c9')).json()).toEqual(changed.json());
    expect((await ask('GET', '')).json().items.map(({ id }: { id: string }) => id)).toEqual([
      'c1',
      'c2',
      'c9',
    ]);
    expect((await ask('DELETE', '/c9')).statusCode).toBe(204);
    expect((await ask('GET', '/c9')).statusCode).toBe(404);
    const { rows } = await bench.ledger.audit.list({ limit: 10 });
    const told = rows.map(({ action, subject }) => `${action} ${subject}`).sort();
    expect(told).toEqual(['crew.added c9', 'crew.changed c9', 'crew.removed c9']);
  });

  it('say which field is wrong', async () => {
    const wrong = async (over: object) => {
      const answer = await ask('POST', '', { ...crew('c9'), ...over });
      return [answer.statusCode, answer.json().errors?.[0]?.pointer];
    };
    expect(await wrong({ timeZone: 'Mars/Olympus' })).toEqual([422, '#/timeZone']);
    expect(await wrong({ position: { lat: 91, lon: 0 } })).toEqual([422, '#/position/lat']);
    expect(await wrong({ shifts: [{ days: [8], from: '08:00', to: '16:00' }] })).toEqual([
      422,
      '#/shifts/0/days/0',
    ]);
    expect(await wrong({ shifts: [{ days: [1], from: '08:00', to: '08:00' }] })).toEqual([422, '#/shifts/0']);
    expect(await wrong({ id: 'not an id' })).toEqual([422, '#/id']);
    expect((await ask('PATCH', '/c1', { id: 'c7' })).statusCode).toBe(422);
    expect((await ask('PATCH', '/c1', { timeZone: 'x' })).json().reason).toBe('no-such-zone');
    expect((await bench.ledger.crews.get('c1'))?.timeZone).toBe('Asia/Shanghai');
  });

  it('are neither added twice, nor removed while they have work', async () => {
    expect((await ask('POST', '', crew('c1'))).json()).toMatchObject({ status: 409, reason: 'crew-exists' });
    const payload = { equipment: 'g1', source: 'hotline' };
    const { id } = (await bench.ask('crew', { method: 'POST', url: '/api/v1/tickets', payload })).json();
    const url = `/api/v1/tickets/${id}/assign`;
    await bench.ask('dispatcher', { method: 'POST', url, payload: { crew: 'c1' } });
    expect((await ask('DELETE', '/c1')).json()).toMatchObject({ status: 409, reason: 'crew-busy' });
    expect((await ask('DELETE', '/none')).statusCode).toBe(404);
    expect((await ask('PATCH', '/none', { name: 'x' })).statusCode).toBe(404);
  });
});
