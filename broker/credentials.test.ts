import { expect, it } from 'vitest';
import type { Credential } from '../store/ledger.ts';
import { createCredentialCache } from './credentials.ts';

const credential = (id: string, secretHash: string): Credential => ({
  id,
  secretHash,
  equipment: [],
  revoked: false,
});

/** A ledger whose answers the test gives by hand. */
const createSlowLedger = () => {
  const questions: { readonly id: string; readonly answer: (value: Credential | null) => void }[] = [];
  return {
    questions,
    get: (id: string): Promise<Credential | null> =>
      new Promise((answer) => {
        questions.push({ id, answer });
      }),
  };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('does not answer with what was read before a change, and asks again', async () => {
  const ledger = createSlowLedger();
  const cache = createCredentialCache(ledger, 10);
  const answer = cache.get('G-1');
  cache.forget('G-1');
  ledger.questions[0]?.answer(credential('G-1', 'old'));
  await turn();
  expect(ledger.questions.length).toBe(2);
  ledger.questions[1]?.answer(credential('G-1', 'new'));
  expect((await answer)?.secretHash).toBe('new');
  expect((await cache.get('G-1'))?.secretHash).toBe('new');
  expect(ledger.questions.length).toBe(2);
});

it('asks once for many who wait, and remembers that there is none', async () => {
  const ledger = createSlowLedger();
  const cache = createCredentialCache(ledger, 10);
  const answers = Promise.all([cache.get('G-1'), cache.get('G-1'), cache.get('G-1')]);
  ledger.questions[0]?.answer(null);
  expect(await answers).toEqual([null, null, null]);
  expect(await cache.get('G-1')).toBe(null);
  expect(ledger.questions.length).toBe(1);
});

it('keeps the most recently used, and no more than its limit', async () => {
  const asked: string[] = [];
  const get = async (id: string): Promise<Credential> => {
    asked.push(id);
    return credential(id, id);
  };
  const cache = createCredentialCache({ get }, 2);
  for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(id);
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
  expect(cache.size()).toBe(2);
});

it('trusts nothing any more when told to', async () => {
  let secret = 'old';
  const cache = createCredentialCache({ get: async (id) => credential(id, secret) }, 10);
  await cache.get('G-1');
  secret = 'new';
  cache.forgetAll();
  expect((await cache.get('G-1'))?.secretHash).toBe('new');
});
