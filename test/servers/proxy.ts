import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What goes wrong between a store and its server. */
export type Fault =
  /** Answered in the server's place, which hears nothing of it. */
  | { readonly kind: 'answers'; readonly status: number; readonly body: string }
  /** The server has done it, and something else is answered. */
  | { readonly kind: 'does-and-answers'; readonly status: number; readonly body: string }
  /** The server has done it, and its answer comes late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The server has done it, and its answer breaks off: before its first byte, or in its middle. */
  | { readonly kind: 'cut'; readonly at: 'start' | 'middle' };

export interface FaultyProxy {
  readonly host: string;
  /** From now on; null: all is well. */
  set(fault: Fault | null, on?: 'write' | 'query'): void;
  /** Requests that a fault has met. */
  met(): number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const allOf = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

interface Asked {
  readonly path: string;
  readonly body: Buffer;
}

/** InfluxDB 1.6 lacks the second version's ways to write and to remove; what comes by them it can do by its own. */
const askedOf1 = (path: string, body: Buffer): Asked & { readonly type?: string } => {
  const { pathname, searchParams } = new URL(path, 'http://any');
  const db = searchParams.get('bucket') ?? '';
  if (pathname === '/api/v2/write')
    return { path: `/write?${new URLSearchParams({ db, precision: 'n' })}`, body };
  if (pathname !== '/api/v2/delete') return { path, body };
  const { stop, predicate } = JSON.parse(body.toString()) as { stop: string; predicate: string };
  const measurement = /_measurement=("[^"]*")/.exec(predicate)?.[1] ?? '';
  const q = `DELETE FROM ${measurement} WHERE time < '${stop}'`;
  return {
    path: `/query?${new URLSearchParams({ db })}`,
    body: Buffer.from(new URLSearchParams({ q }).toString()),
    type: 'application/x-www-form-urlencoded',
  };
};

const isWrite = (path: string): boolean => /^\/(api\/v2\/)?write\b/.test(path);

/** Stands before an InfluxDB 1, also for a client of version 2, and lets go wrong what it is told. */
export const startFaultyProxy = async (target: string): Promise<FaultyProxy> => {
  let fault: Fault | null = null;
  let only: 'write' | 'query' | undefined;
  let met = 0;

  const forward = async (from: IncomingMessage, given: Buffer): Promise<Answer> => {
    const { path, body, type } = askedOf1(from.url ?? '/', given);
    const [host, port] = target.split(':');
    const { 'transfer-encoding': _, ...headers } = from.headers;
    const to = request({
      ...{ host, port, method: from.method, path },
      headers: { ...headers, 'content-length': body.length, ...(type ? { 'content-type': type } : {}) },
    });
    to.end(body);
    const [answer] = (await once(to, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await allOf(answer) };
  };

  const give = ({ status, headers, body }: Answer, response: ServerResponse): void => {
    const { 'transfer-encoding': _, ...rest } = headers;
    response.writeHead(status, { ...rest, 'content-length': body.length }).end(body);
  };

  const broken = async (how: Fault, done: () => Promise<Answer>, response: ServerResponse): Promise<void> => {
    const json = { 'content-type': 'application/json' };
    if (how.kind === 'answers') return give({ ...how, headers: json, body: Buffer.from(how.body) }, response);
    const answer = await done();
    if (how.kind === 'does-and-answers')
      return give({ ...how, headers: json, body: Buffer.from(how.body) }, response);
    if (how.kind === 'slow') {
      await wait(how.ms);
      return give(answer, response);
    }
    if (how.at === 'middle') {
      response.writeHead(200, { ...json, 'content-length': answer.body.length + 100 });
      await new Promise<void>((resolve) => response.write(answer.body.subarray(0, 20), () => resolve()));
    }
    response.socket?.destroy();
  };

  const server = createServer(async (from, response) => {
    try {
      const body = await allOf(from);
      const done = (): Promise<Answer> => forward(from, body);
      const kind = isWrite(from.url ?? '') ? 'write' : 'query';
      if (fault === null || (only !== undefined && only !== kind)) return give(await done(), response);
      met += 1;
      await broken(fault, done, response);
    } catch {
      response.socket?.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next, on) => {
      [fault, only, met] = [next, on, 0];
    },
    met: () => met,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
