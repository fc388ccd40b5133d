import { once } from 'node:events';
import { parentPort, type Transferable, Worker, workerData } from 'node:worker_threads';

/**
 * Calls across a worker thread. SQLite is synchronous, so it lives off the event loop: the main thread
 * holds a `Thread`, the worker file calls `serve` with an object of synchronous functions.
 */
type Call = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly error: { name: string; message: string; code?: string };
    };

export interface Thread {
  /** Rejects with an Error that carries the worker error's name, message and code. */
  call<T>(method: string, args: readonly unknown[], transfer?: readonly Transferable[]): Promise<T>;
  close(): Promise<void>;
}

/** Starts `file` with `data`; rejects when the worker cannot open its database. */
export const startThread = async (file: URL, data: unknown): Promise<Thread> => {
  const worker = new Worker(file, { workerData: data });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 1;
  let gone: Error | null = null;
  const fail = (error: Error): void => {
    gone = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.id);
    if (!call) return;
    waiting.delete(reply.id);
    if (reply.ok) call.resolve(reply.value as never);
    else {
      const error = new Error(reply.error.message) as Error & { code?: string };
      error.name = reply.error.name;
      if (reply.error.code !== undefined) error.code = reply.error.code;
      call.reject(error);
    }
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(gone ?? new Error(`the store's thread ended with code ${code}`)));
  const call = <T>(
    method: string,
    args: readonly unknown[],
    transfer: readonly Transferable[] = [],
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (gone) return reject(gone);
      const id = nextId++;
      waiting.set(id, { resolve: resolve as never, reject });
      worker.postMessage({ id, method, args } satisfies Call, transfer as Transferable[]);
    });
  await call('ready', []);
  return {
    call,
    close: async () => {
      if (gone) return;
      const exited = once(worker, 'exit');
      await call('close', []).catch(() => undefined);
      await exited;
    },
  };
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
  port.on('message', ({ id, method, args }: Call) => {
    try {
      if (method === 'ready') api = open(workerData as Data);
      const value = method === 'ready' ? null : api?.[method]?.(...(args as never[]));
      port.postMessage({ id, ok: true, value } satisfies Reply);
    } catch (cause) {
      const error = cause as Error & { code?: string };
      const wire = {
        name: error.name,
        message: error.message,
        ...(error.code === undefined ? {} : { code: error.code }),
      };
      port.postMessage({ id, ok: false, error: wire } satisfies Reply);
    }
    if (method === 'close') port.close();
  });
};
