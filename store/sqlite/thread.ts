import { once } from 'node:events';
import { parentPort, type Transferable, Worker, workerData } from 'node:worker_threads';

/**
 * Calls across a worker thread. SQLite is synchronous, so it lives off the event loop: the main thread
 * holds a `Thread`, the worker file calls `serve` with an object of synchronous functions.
 */
type Call = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
type WireError = { readonly name: string; readonly message: string; readonly code?: string };
type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: WireError };
type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

export interface Thread {
  /** Rejects with an Error that carries the worker error's name, message and code. */
  call<T>(method: string, args: readonly unknown[], transfer?: readonly Transferable[]): Promise<T>;
  close(): Promise<void>;
}

export interface ThreadOptions {
  /** Calls that may wait for an answer; one more is refused at once. */
  readonly maxWaiting?: number;
}

const asError = (wire: WireError): Error => {
  const error = new Error(wire.message) as Error & { code?: string };
  error.name = wire.name;
  if (wire.code !== undefined) error.code = wire.code;
  return error;
};

const asWire = (cause: unknown): WireError => {
  if (!(cause instanceof Error)) return { name: 'Error', message: String(cause) };
  const { name, message, code } = cause as Error & { code?: string };
  return { name, message, ...(code === undefined ? {} : { code }) };
};

/** Starts `file` with `data`; rejects when the worker cannot open its database, and leaves no thread behind. */
export const startThread = async (
  file: URL,
  data: unknown,
  { maxWaiting = 10_000 }: ThreadOptions = {},
): Promise<Thread> => {
  const worker = new Worker(file, { workerData: data });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let gone: Error | null = null;
  const fail = (error: Error): void => {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.id);
    if (!call) return;
    waiting.delete(reply.id);
    if (reply.ok) call.resolve(reply.value as never);
    else call.reject(asError(reply.error));
  });
  worker.on('error', fail);
  worker.on('messageerror', fail);
  worker.on('exit', (code) => fail(new Error(`the store's thread ended with code ${code}`)));
  const post = <T>(method: string, args: readonly unknown[], transfer: readonly Transferable[]): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (gone) return reject(gone);
      const id = nextId++;
      // Post first: what cannot be cloned throws here, and must not stay behind in `waiting`.
      worker.postMessage({ id, method, args } satisfies Call, transfer as Transferable[]);
      waiting.set(id, { resolve: resolve as never, reject });
    });
  const call: Thread['call'] = (method, args, transfer = []) =>
    waiting.size >= maxWaiting
      ? Promise.reject(new Error(`the store is behind: ${maxWaiting} calls wait for it; ask again later`))
      : post(method, args, transfer);
  const stop = async (): Promise<void> => {
    const exited = once(worker, 'exit');
    await post('close', [], []).catch(() => undefined);
    await exited;
  };
  try {
    await post('ready', [], []);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  let stopping: Promise<void> | null = null;
  return {
    call,
    close: () => {
      if (!gone) stopping ??= stop();
      return stopping ?? Promise.resolve();
    },
  };
};

const moved = new WeakMap<object, readonly Transferable[]>();

/** In the worker: an answer whose buffers move to the caller instead of being copied. */
export const transferring = <T extends object>(value: T, list: readonly Transferable[]): T => {
  moved.set(value, list);
  return value;
};

/** In the worker: opens with `workerData` and answers calls by name until `close`. */
export const serve = <Data>(
  open: (
    data: Data,
  ) => { readonly close: () => void } & Readonly<Record<string, (...args: never[]) => unknown>>,
): void => {
  const port = parentPort;
  if (!port) throw new Error('serve() runs in a worker thread only');
  let api: ReturnType<typeof open> | null = null;
  const answer = (method: string, args: readonly unknown[]): unknown => {
    if (method === 'ready') {
      api = open(workerData as Data);
      return null;
    }
    if (method === 'close' && !api) return null;
    const run = api?.[method];
    if (!run) throw new Error(`the store's thread knows no call named ${method}`);
    return run(...(args as never[]));
  };
  port.on('message', ({ id, method, args }: Call) => {
    try {
      const value = answer(method, args);
      const list = typeof value === 'object' && value !== null ? (moved.get(value) ?? []) : [];
      port.postMessage({ id, ok: true, value } satisfies Reply, list as Transferable[]);
    } catch (cause) {
      port.postMessage({ id, ok: false, error: asWire(cause) } satisfies Reply);
    }
    if (method === 'close') port.close();
  });
};
