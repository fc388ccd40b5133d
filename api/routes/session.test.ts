import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../store/password.ts';
import { type Bench, openBench } from '../testing/bench.ts';

const PASSWORD = 'a long enough password';

describe('session', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    const passwordHash = await hashPassword(PASSWORD);
    const user = { passwordHash, crew: null, disabled: false } as const;
    await bench.ledger.people.put({ ...user, id: 'dana', role: 'dispatcher' }, bench.time.nowMs);
    await bench.ledger.people.put({ ...user, id: 'gone', role: 'admin', disabled: true }, bench.time.nowMs);
    await bench.ledger.people.put({ ...user, id: 'cora', role: 'crew', crew: 'c1' }, bench.time.nowMs);
  });
  afterAll(() => bench.close());

  const signIn = (
    user: string,
    password: string,
    headers: Record<string, string> = {},
    address = '10.0.0.1',
  ) =>
    bench.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { user, password },
      headers,
      remoteAddress: address,
    });
  const cookieOf = async (user: string): Promise<string> => {
    const answer = await signIn(user, PASSWORD);
    return `precall_session=${answer.cookies[0]?.value}`;
  };
  const session = (cookie: string) => bench.app.inject({ url: '/api/v1/session', headers: { cookie } });

  it('opens with a cookie that scripts and other sites cannot use', async () => {
    const answer = await signIn('cora', PASSWORD);
    expect([answer.statusCode, answer.json()]).toEqual([200, { user: 'cora', role: 'crew', crew: 'c1' }]);
    const header = String(answer.headers['set-cookie']);
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Strict/);
    expect(header).not.toMatch(/Secure/);
    expect((await session(await cookieOf('cora'))).json()).toEqual({
      user: 'cora',
      role: 'crew',
      crew: 'c1',
    });
  });

  it('has a secure cookie where the service is served over TLS', async () => {
    const other = await openBench({ publicUrl: 'https://precall.test' });
    try {
      const user = { id: 'a', role: 'admin', crew: null, disabled: false } as const;
      await other.ledger.people.put({ ...user, passwordHash: await hashPassword(PASSWORD) }, 0);
      const payload = { user: 'a', password: PASSWORD };
      const answer = await other.app.inject({ method: 'POST', url: '/api/v1/session', payload });
      expect(String(answer.headers['set-cookie'])).toMatch(/Secure/);
      expect(answer.headers['strict-transport-security']).toContain('max-age');
    } finally {
      await other.close();
    }
  });

  it('does not tell an unknown user from a wrong password or a disabled one', async () => {
    const answers = [
      await signIn('dana', 'wrong password'),
      await signIn('nobody', 'wrong password'),
      await signIn('gone', PASSWORD),
    ];
    const told = answers.map((answer) => [answer.statusCode, answer.body]);
    expect(new Set(told.map(String)).size).toBe(1);
    expect(answers[0]?.json().reason).toBe('wrong-credentials');
  });

  it('makes who fails too often wait, but nobody else', async () => {
    const address = '10.0.0.9';
    for (let n = 0; n < 8; n += 1) expect((await signIn('cora', 'wrong', {}, address)).statusCode).toBe(401);
    const refused = await signIn('cora', PASSWORD, {}, address);
    expect([refused.statusCode, refused.json().reason]).toEqual([429, 'too-many-attempts']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signIn('cora', PASSWORD, {}, '10.0.0.10')).statusCode).toBe(200);
    expect((await signIn('dana', PASSWORD, {}, address)).statusCode).toBe(200);
  });

  it('cannot be guessed from many addresses, said or real', async () => {
    const forwarded = (n: number) => ({
      'x-forwarded-for': `203.0.113.${n}`,
      forwarded: `for=203.0.113.${n}`,
    });
    // What a header says is no address, also on this machine.
    for (let n = 0; n < 8; n += 1) await signIn('pat', 'wrong', forwarded(n), '127.0.0.1');
    expect((await signIn('pat', 'wrong', forwarded(99), '127.0.0.1')).statusCode).toBe(429);
    const answers: number[] = [];
    for (let n = 0; n < 40; n += 1)
      answers.push((await signIn('pat', 'wrong', {}, `10.1.0.${n}`)).statusCode);
    expect(answers.filter((status) => status === 401)).toHaveLength(24);
    expect(answers.at(-1)).toBe(429);
    expect((await signIn('dana', PASSWORD, {}, '10.1.0.1')).statusCode).toBe(200);
    bench.time.nowMs += 5 * 60_000;
    expect((await signIn('pat', 'wrong', {}, '10.1.0.1')).statusCode).toBe(401);
  });

  it('ends when it is closed', async () => {
    const cookie = await cookieOf('dana');
    const closed = await bench.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    expect([closed.statusCode, closed.body]).toEqual([204, '']);
    expect((await session(cookie)).statusCode).toBe(401);
  });

  it('ends by itself, a seat at the desk before a phone', async () => {
    const [desk, phone] = [await cookieOf('dana'), await cookieOf('cora')];
    bench.time.nowMs += 24 * 3_600_000;
    expect((await session(desk)).statusCode).toBe(401);
    expect((await session(phone)).statusCode).toBe(200);
  });

  it('ends when the person is disabled', async () => {
    const passwordHash = await hashPassword(PASSWORD);
    const temp = { id: 'temp', role: 'viewer', crew: null, passwordHash, disabled: false } as const;
    await bench.ledger.people.put(temp, bench.time.nowMs);
    const cookie = await cookieOf('temp');
    await bench.ledger.people.disable('temp', bench.time.nowMs);
    expect((await session(cookie)).statusCode).toBe(401);
  });

  it('is no use to another site: unsafe requests must come from our own pages', async () => {
    const cookie = await cookieOf('dana');
    const post = async (headers: Record<string, string>) => {
      const url = '/api/v1/alerts/none/comment';
      const answer = await bench.app.inject({ method: 'POST', url, payload: { note: 'x' }, headers });
      return answer.json().reason;
    };
    const own = 'no-such-alert';
    expect(await post({ cookie })).toBe(own);
    expect(await post({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(own);
    expect(await post({ cookie, host: 'lan:8080', origin: 'http://lan:8080' })).toBe(own);
    expect(await post({ cookie, host: 'inner', origin: 'http://precall.test' })).toBe(own);
    expect(await post({ cookie, 'sec-fetch-site': 'cross-site' })).toBe('cross-site');
    expect(await post({ cookie, 'sec-fetch-site': 'same-site' })).toBe('cross-site');
    expect(await post({ cookie, origin: 'http://evil.test' })).toBe('cross-site');
    expect(await post({ cookie, origin: 'null' })).toBe('cross-site');
    const authorization = `Bearer ${await bench.token('dispatcher')}`;
    expect(await post({ authorization, origin: 'http://evil.test' })).toBe(own);
  });

  it('cannot be opened from another site either', async () => {
    const answer = await signIn('dana', PASSWORD, { 'sec-fetch-site': 'cross-site' });
    expect([answer.statusCode, answer.json().reason]).toEqual([403, 'cross-site']);
  });

  it('leaves a trace in the audit, without secrets', async () => {
    const { rows } = await bench.ledger.audit.list({ limit: 100 });
    const actions = new Set(rows.map(({ action }) => action));
    expect([...actions].sort()).toEqual(['session.closed', 'session.opened', 'session.refused']);
    expect(JSON.stringify(rows)).not.toContain(PASSWORD);
    expect(rows.some(({ subject }) => subject === 'nobody')).toBe(false);
  });

  it('is not what a token has', async () => {
    const answer = await bench.ask('viewer', { method: 'DELETE', url: '/api/v1/session' });
    expect([answer.statusCode, answer.json().reason]).toEqual([409, 'not-a-session']);
    expect((await bench.ask('viewer', { url: '/api/v1/session' })).statusCode).toBe(200);
  });
});

describe('set-up', () => {
  const TOKEN = 'one-time-token';
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({ setupToken: TOKEN });
  });
  afterAll(() => bench.close());
  const setUp = (payload: object) => bench.app.inject({ method: 'POST', url: '/api/v1/setup', payload });

  it('creates the first administrator once, with the token that was printed', async () => {
    const wrong = await setUp({ token: 'guess', password: PASSWORD });
    expect([wrong.statusCode, wrong.json().reason]).toEqual([403, 'wrong-token']);
    const weak = await setUp({ token: TOKEN, password: 'short' });
    expect([weak.statusCode, weak.json().errors[0].pointer]).toEqual([422, '#/password']);
    expect(await bench.ledger.people.count()).toBe(0);

    const done = await setUp({ token: TOKEN, user: 'root', password: PASSWORD });
    expect([done.statusCode, done.json()]).toEqual([201, { user: 'root', role: 'admin', crew: null }]);
    const cookie = `precall_session=${done.cookies[0]?.value}`;
    const session = await bench.app.inject({ url: '/api/v1/session', headers: { cookie } });
    expect(session.json().role).toBe('admin');

    const again = await setUp({ token: TOKEN, user: 'other', password: PASSWORD });
    expect([again.statusCode, again.json().reason]).toEqual([410, 'already-set-up']);
    expect(await bench.ledger.people.count()).toBe(1);
  });

  it('is gone where no link was printed', async () => {
    const other = await openBench();
    try {
      const payload = { token: 'x', password: PASSWORD };
      const answer = await other.app.inject({ method: 'POST', url: '/api/v1/setup', payload });
      expect(answer.statusCode).toBe(410);
    } finally {
      await other.close();
    }
  });
});
