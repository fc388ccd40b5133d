import type { HttpApp } from '../../../api/context.ts';
import type { Random } from '../../../simulators/random/stream.ts';
import type { Timers } from '../../../time/timers.ts';
import { between } from '../plan.ts';

export type Answer = { readonly status: number; readonly body: string };

export interface PhoneOptions {
  readonly timers: Timers;
  readonly random: Random;
  readonly api: () => HttpApp | null;
  /** Chance that a button is pressed twice. */
  readonly impatient: number;
  readonly note: (what: string) => void;
}

/** A phone in the hand of somebody: says it again, with the same key, until it is answered. */
export interface Phone {
  press(token: string, url: string, payload: object): Promise<Answer>;
}

const PATIENCE_MS = 20_000;

export const createPhone = ({ timers, random, api, impatient, note }: PhoneOptions): Phone => {
  let keys = 0;

  const ask = (token: string, url: string, payload: object, key: string): Promise<Answer | null> =>
    new Promise((resolve) => {
      const app = api();
      if (!app) return resolve(null);
      // A server that died does not answer any more.
      timers.after(PATIENCE_MS, () => resolve(null));
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key };
      const said = app.inject({ method: 'POST', url, headers, payload });
      said.then(
        ({ statusCode, body }) => {
          // The answer may be lost on its way, when what it answers is done.
          if (random() >= impatient / 3) resolve({ status: statusCode, body });
        },
        () => resolve(null),
      );
    });

  return {
    press: async (token, url, payload) => {
      keys += 1;
      const key = `key-${keys}`;
      for (;;) {
        if (random() < impatient) void ask(token, url, payload, key);
        const answer = await ask(token, url, payload, key);
        if (answer && answer.status < 500) return answer;
        if (answer) note(`${url}: ${answer.status}`);
        await new Promise<void>((resolve) => {
          timers.after(between(random, 2_000, 20_000), resolve);
        });
      }
    },
  };
};
