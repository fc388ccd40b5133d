import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../store/ledger.ts';
import { type Bench, furnish, openBench } from '../testing/bench.ts';
import { type Access, atLeast, ROLES } from './roles.ts';

/** Every route and who may use it. A new route fails here until somebody has thought about it. */
const RULES: Readonly<Record<string, Access>> = {
  'POST /api/v1/session': 'public',
  'GET /api/v1/session': 'viewer',
  'DELETE /api/v1/session': 'viewer',
  'POST /api/v1/setup': 'public',
  'GET /api/v1/sites': 'viewer',
  'GET /api/v1/sites/:id': 'viewer',
  'GET /api/v1/equipment': 'viewer',
  'GET /api/v1/equipment/:id': 'viewer',
  'GET /api/v1/equipment/:id/series': 'viewer',
  'GET /api/v1/equipment/:id/readings': 'viewer',
  'POST /api/v1/equipment/:id/measurements': 'attendant',
  'GET /api/v1/alerts': 'viewer',
  'GET /api/v1/alerts/:id': 'viewer',
  'POST /api/v1/alerts/:id/acknowledge': 'crew',
  'POST /api/v1/alerts/:id/comment': 'attendant',
  'GET /api/v1/tickets': 'viewer',
  'GET /api/v1/tickets/:id': 'viewer',
  'POST /api/v1/tickets': 'attendant',
  'POST /api/v1/tickets/:id/:action': 'attendant',
  'GET /api/v1/crews': 'viewer',
  'GET /api/v1/crews/:id': 'viewer',
  'POST /api/v1/crews': 'dispatcher',
  'PATCH /api/v1/crews/:id': 'dispatcher',
  'DELETE /api/v1/crews/:id': 'dispatcher',
  'GET /api/v1/channels': 'admin',
  'GET /api/v1/channels/:id': 'admin',
  'POST /api/v1/channels': 'admin',
  'PATCH /api/v1/channels/:id': 'admin',
  'DELETE /api/v1/channels/:id': 'admin',
  'POST /api/v1/channels/:id/rotate': 'admin',
  'POST /api/v1/channels/:id/test': 'admin',
  'GET /api/v1/notices': 'viewer',
  'POST /api/v1/notices/read': 'viewer',
  'GET /api/v1/outbox': 'dispatcher',
  'GET /api/v1/deliveries': 'dispatcher',
  'GET /api/v1/deliveries/:id': 'dispatcher',
  'POST /api/v1/deliveries/:id/:action': 'dispatcher',
  'GET /api/v1/catalogue': 'viewer',
  'GET /api/v1/rules': 'viewer',
  'GET /api/v1/quarantine': 'dispatcher',
  'GET /api/v1/readers': 'dispatcher',
  'GET /api/v1/service': 'viewer',
  'GET /api/v1/events': 'viewer',
  'GET /api/v1/openapi.json': 'public',
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
};

const BODIES: Readonly<Record<string, object>> = {
  'POST /api/v1/channels': { id: 'hook', url: 'https://hooks.test/1', audience: 'all' },
  'POST /api/v1/notices/read': { ids: ['n1'] },
  'POST /api/v1/tickets': { equipment: 'g1', source: 'hotline' },
  'POST /api/v1/equipment/:id/measurements': { values: { a: 1 } },
  'POST /api/v1/crews': {
    ...{ id: 'cx', name: 'x', station: null, position: { lat: 0, lon: 0 }, skills: [], shifts: [] },
    ...{ timeZone: 'UTC', active: true },
  },
};

describe('access', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    await furnish(bench);
    await bench.app.ready();
  });
  afterAll(() => bench.close());

  it('is ruled for every route', () => {
    const found = bench.routes
      .flatMap(({ method, url, config }) =>
        [method].flat().map((verb) => [`${verb} ${url}`, config?.access] as const),
      )
      .filter(([name]) => !name.startsWith('HEAD ') && !name.includes('/api/docs'));
    expect(Object.fromEntries(found)).toEqual(RULES);
  });

  const ask = (role: Role | null, rule: string) => {
    const [method, url] = rule.split(' ') as ['GET', string];
    const path = url.replace(':id', 'none').replace(':action', 'comment');
    const query = url.endsWith('/series') ? '?metric=x' : '';
    const hasBody = method !== 'GET' && (method as string) !== 'DELETE';
    return bench.ask(role, {
      method,
      url: path + query,
      ...(hasBody ? { payload: BODIES[rule] ?? { note: 'x' } } : {}),
    });
  };

  const guarded = Object.entries(RULES).filter((entry): entry is [string, Role] => entry[1] !== 'public');

  it.each(guarded)('%s is closed to who is not signed in', async (rule) => {
    const answer = await ask(null, rule);
    expect([answer.statusCode, answer.json().reason]).toEqual([401, 'not-signed-in']);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });

  it.each(guarded)('%s needs at least %s', async (rule, needed) => {
    for (const role of ROLES) {
      // A stream never answers; live/hub.test.ts listens to it.
      if (rule.endsWith('/events')) continue;
      // These would end what the test stands on.
      if (rule.startsWith('DELETE') && atLeast(role, needed)) continue;
      const { statusCode } = await ask(role, rule);
      if (atLeast(role, needed)) expect([role, statusCode]).not.toEqual([role, 403]);
      else expect([role, statusCode]).toEqual([role, 403]);
      expect(statusCode).toBeLessThan(500);
    }
  });

  it('takes no invalid, expired or overlong token', async () => {
    for (const authorization of ['Bearer nonsense', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(300)}`]) {
      const { statusCode } = await bench.app.inject({ url: '/api/v1/sites', headers: { authorization } });
      expect([authorization.slice(0, 12), statusCode]).toEqual([authorization.slice(0, 12), 401]);
    }
  });

  it('stops the start for a route without a rule', async () => {
    const other = await openBench();
    try {
      // Routes can only be added before the start.
      other.app.get('/forgotten', async () => 'open to all');
      await expect(other.app.ready()).rejects.toThrow('GET /forgotten has no access rule');
    } finally {
      await other.close();
    }
  });
});
