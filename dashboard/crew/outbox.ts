import { effect, signal } from '@preact/signals';
import type { TicketView } from '../../api/contract/schemas.ts';
import { type Failure, failureWords, newKey, post } from '../client/http.ts';
import { session } from '../client/session.ts';
import { nowMs } from '../clock/now.ts';
import { connection } from '../live/connection.ts';
import { nextRetryMs } from '../live/retry.ts';
import { loadTickets, takeTicket } from '../live/tickets.ts';
import { type CrewAction, MAX_UNSENT, readUnsent, type Unsent, withoutRefused } from './queue.ts';

/** Steps on their way, oldest first. Kept on the phone until the service has them. */
export const unsent = signal<readonly Unsent[]>([]);
/** A step that the service would not take, until the person has read it. */
export const refused = signal<{ readonly step: Unsent; readonly detail: string } | null>(null);
/** The last try failed: the person is told that it is kept. */
export const waiting = signal(false);

const RETRY_MS = 2_000;

const storeKey = (): string | null => {
  const user = session.peek()?.user;
  return user === undefined ? null : `precall.unsent.${user}`;
};

const keep = (steps: readonly Unsent[]): void => {
  unsent.value = steps;
  const key = storeKey();
  if (key === null) return;
  try {
    if (steps.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(steps));
  } catch {
    // Without storage they are kept while the page is open.
  }
};

let sending = false;
let attempt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

const isTemporary = ({ kind }: Failure): boolean =>
  kind === 'network' || kind === 'server' || kind === 'limited' || kind === 'unauthorised';

const later = (): void => {
  waiting.value = true;
  clearTimeout(timer);
  timer = setTimeout(() => void sendNow(), nextRetryMs(attempt, RETRY_MS, Math.random()));
  attempt += 1;
};

/** Sends what waits, in order: a step makes sense only after the one before it. */
export const sendNow = async (): Promise<void> => {
  if (sending || !session.peek()) return;
  sending = true;
  clearTimeout(timer);
  try {
    for (let step = unsent.peek()[0]; step; step = unsent.peek()[0]) {
      const answer = await post<TicketView>(
        `/tickets/${encodeURIComponent(step.ticket)}/${step.action}`,
        step.body,
        step.key,
      );
      const sent = step;
      if (answer.ok) {
        // First the new state, then without the step: the screen doesn't step back in between.
        takeTicket(answer.value);
        keep(unsent.peek().filter((one) => one.key !== sent.key));
      } else if (isTemporary(answer.failure)) {
        return later();
      } else {
        refused.value = { step, detail: failureWords(answer.failure) };
        keep(withoutRefused(unsent.peek(), step));
        void loadTickets();
      }
      attempt = 0;
      waiting.value = false;
    }
  } finally {
    sending = false;
  }
};

/** Takes a step: on screen at once, to the service as soon as it can be reached. False: no more room. */
export const takeStep = (
  ticket: string,
  action: CrewAction,
  words: { readonly note?: string; readonly reason?: string } = {},
): boolean => {
  if (unsent.peek().length >= MAX_UNSENT) return false;
  const step: Unsent = {
    key: newKey(),
    ticket,
    action,
    body: { at: new Date(nowMs()).toISOString(), ...words },
  };
  keep([...unsent.peek(), step]);
  void sendNow();
  return true;
};

/** Takes up what an earlier page left, and sends whenever the connection is back. */
export const startOutbox = (): (() => void) => {
  const key = storeKey();
  try {
    unsent.value = readUnsent(key === null ? null : localStorage.getItem(key));
  } catch {
    unsent.value = [];
  }
  void sendNow();
  const stop = effect(() => {
    if (connection.value !== 'live') return;
    attempt = 0;
    void sendNow();
  });
  return () => {
    stop();
    clearTimeout(timer);
    unsent.value = [];
    refused.value = null;
    waiting.value = false;
  };
};
