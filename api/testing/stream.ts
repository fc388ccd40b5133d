/** One server-sent event as a client reads it. */
export interface Heard {
  readonly id: string | null;
  readonly event: string;
  readonly data: { readonly [key: string]: unknown };
}

export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  readonly heard: readonly Heard[];
  readonly comments: () => number;
  /** Waits until an event fits; throws, naming what was heard, after `timeoutMs`. */
  until(fits: (event: Heard) => boolean, timeoutMs?: number): Promise<Heard>;
  /** Resolves when the service ends the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

const parse = (block: string): Heard | null => {
  const field = (name: string): string | null => {
    const line = block.split('\n').find((text) => text.startsWith(`${name}: `));
    return line === undefined ? null : line.slice(name.length + 2);
  };
  const event = field('event');
  return event === null ? null : { id: field('id'), event, data: JSON.parse(field('data') ?? 'null') };
};

/** Listens as a browser does, over a real connection. */
export const listen = async (url: string, headers: Record<string, string>): Promise<Stream> => {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const heard: Heard[] = [];
  let comments = 0;
  let waiting: (() => void)[] = [];
  const tell = (): void => {
    const all = waiting;
    waiting = [];
    for (const wake of all) wake();
  };
  const read = async (): Promise<void> => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) {
      const blocks = (rest + decoder.decode(part as Uint8Array, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) comments += 1;
        const event = parse(block);
        if (event) heard.push(event);
      }
      tell();
    }
  };
  const ended = (response.ok ? read() : Promise.resolve()).catch(() => {});
  return {
    status: response.status,
    headers: response.headers,
    heard,
    comments: () => comments,
    ended,
    close: () => abort.abort(),
    until: async (fits, timeoutMs = 5_000) => {
      const timeout = new Promise<'late'>((resolve) => setTimeout(resolve, timeoutMs, 'late').unref());
      for (;;) {
        const found = heard.find(fits);
        if (found) return found;
        const news = new Promise<'news'>((resolve) => waiting.push(() => resolve('news')));
        if ((await Promise.race([news, timeout])) === 'late')
          throw new Error(`not heard; heard: ${heard.map(({ event, id }) => `${event} ${id}`).join(', ')}`);
      }
    },
  };
};
