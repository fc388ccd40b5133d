import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, furnish, openBench } from './testing/bench.ts';

describe('malformed requests', () => {
  let bench: Bench;
  let port: number;
  beforeAll(async () => {
    bench = await openBench();
    await furnish(bench);
    await bench.app.listen({ host: '127.0.0.1', port: 0 });
    port = (bench.app.server.address() as AddressInfo).port;
  });
  afterAll(() => bench.close());

  /** Everything that comes back until the server hangs up. */
  const send = (...parts: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
      for (const part of parts) socket.write(part);
    });
  const parsed = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    return { status: Number(head.split(' ')[1]), problem: JSON.parse(body) };
  };

  it.each([
    ['/%', 400, 'bad-url'],
    ['/api/v1/equipment/%FF', 400, 'bad-url'],
    ['/api/v1/equipment/%E4%BD', 400, 'bad-url'],
    [`/api/v1/equipment/${'x'.repeat(300)}`, 414, 'path-too-long'],
  ])('%s is answered by a problem document', async (path, status, reason) => {
    // Given as it is: `fetch` would mend it.
    const answer = await send(`GET ${path}?token=hidden HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const { status: got, problem } = parsed(answer);
    expect([got, problem.reason, problem.status]).toEqual([status, reason, status]);
    expect(problem.instance).toBe(path);
    expect(answer).not.toContain('hidden');
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
  });

  it('what is no HTTP is answered by a problem document, too, and the connection closed', async () => {
    const bad = parsed(await send('PUSH-ME / SOMETHING\r\n\r\n'));
    expect([bad.status, bad.problem.reason]).toEqual([400, 'not-http']);
    const large = parsed(await send(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`));
    expect([large.status, large.problem.reason]).toEqual([431, 'headers-too-large']);
  });

  it('a connection that was good before is only closed: no answer is put into another', async () => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      if (text === '') socket.write('nonsense\r\n\r\n');
      text += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    expect(text.match(/^HTTP/gm)).toEqual(['HTTP']);
    expect(text).toContain('200 OK');
  });
});
