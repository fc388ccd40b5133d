import { signal } from '@preact/signals';
import { address } from '../client/http.ts';
import { nowMs } from '../clock/now.ts';
import { nextRetryMs } from './retry.ts';
import { type ServerEvent, sseReader } from './sse.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'offline';

export const connection = signal<Connection>('connecting');
/** When something was last heard from the service, Unix ms. */
export const heardAt = signal(0);
/** Grows when the connection is back after a break: pages load again what they may have missed. */
export const resync = signal(0);

/** No comment, no event for this long: the connection is dead although nobody said so. */
const SILENCE_MS = 60_000;

export interface LiveOptions {
  readonly onEvent: (event: ServerEvent) => void;
  readonly onSignedOut: () => void;
}

/** Keeps one event stream open until stopped. */
export const openLive = ({ onEvent, onSignedOut }: LiveOptions): (() => void) => {
  let stopped = false;
  let abort = new AbortController();
  let lastId: string | null = null;
  let attempt = 0;
  let baseMs = 1_000;
  let hadBreak = false;
  let wake: () => void = () => {};

  const hear = (): void => {
    heardAt.value = nowMs();
  };

  const follow = async (): Promise<void> => {
    abort = new AbortController();
    const aborting = abort;
    let silence = setTimeout(() => aborting.abort(), SILENCE_MS);
    try {
      const response = await fetch(address('/events'), {
        headers: { accept: 'text/event-stream', ...(lastId === null ? {} : { 'last-event-id': lastId }) },
        credentials: 'same-origin',
        signal: aborting.signal,
      });
      if (response.status === 401) {
        stopped = true;
        onSignedOut();
        return;
      }
      if (!response.ok || response.body === null) return;
      attempt = 0;
      connection.value = 'live';
      hear();
      if (hadBreak) resync.value += 1;
      hadBreak = false;
      const feed = sseReader(
        (event) => {
          if (event.id !== null) lastId = event.id;
          onEvent(event);
        },
        (ms) => {
          baseMs = ms;
        },
      );
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => aborting.abort(), SILENCE_MS);
        hear();
        feed(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(silence);
      aborting.abort();
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      await follow().catch(() => {}); // a broken stream is what the retry is for
      if (stopped) return;
      hadBreak = true;
      connection.value = navigator.onLine ? 'lost' : 'offline';
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, nextRetryMs(attempt, baseMs, Math.random()));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      attempt += 1;
    }
  };

  const online = (): void => {
    attempt = 0;
    wake();
  };
  const offline = (): void => {
    connection.value = 'offline';
    abort.abort();
  };
  const visible = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  addEventListener('online', online);
  addEventListener('offline', offline);
  document.addEventListener('visibilitychange', visible);
  connection.value = 'connecting';
  void run();
  return () => {
    stopped = true;
    abort.abort();
    wake();
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    document.removeEventListener('visibilitychange', visible);
  };
};
