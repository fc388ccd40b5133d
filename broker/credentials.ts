import type { Credential } from '../store/ledger.ts';
import type { BrokerLedger } from './ledger.ts';

/** Credentials as the ledger has them, remembered (absent ones too) until a change event says otherwise. */
export interface CredentialCache {
  /** Rejects when the ledger can't be read. Never answers with what was read before a `forget`. */
  get(id: string): Promise<Credential | null>;
  forget(id: string): void;
  /** When change events can't be read: nothing that is remembered may be trusted. */
  forgetAll(): void;
  size(): number;
}

interface Question {
  readonly answer: Promise<Credential | null>;
  /** It changed while we asked. */
  stale: boolean;
}

export const createCredentialCache = (
  credentials: BrokerLedger['credentials'],
  limit: number,
): CredentialCache => {
  const known = new Map<string, Credential | null>();
  const asked = new Map<string, Question>();

  const remember = (id: string, credential: Credential | null): void => {
    if (known.size >= limit) known.delete(known.keys().next().value as string);
    known.set(id, credential);
  };

  const ask = (id: string): Question => {
    const question: Question = { answer: credentials.get(id), stale: false };
    asked.set(id, question);
    const settle = (keep: (() => void) | null): void => {
      if (question.stale) return;
      asked.delete(id);
      keep?.();
    };
    question.answer.then(
      (credential) => settle(() => remember(id, credential)),
      () => settle(null),
    );
    return question;
  };

  const forget = (id: string): void => {
    known.delete(id);
    const question = asked.get(id);
    if (question) question.stale = true;
    asked.delete(id);
  };

  return {
    async get(id) {
      for (;;) {
        const credential = known.get(id);
        if (credential !== undefined) {
          // Most recently used last.
          known.delete(id);
          known.set(id, credential);
          return credential;
        }
        const question = asked.get(id) ?? ask(id);
        const answer = await question.answer;
        if (!question.stale) return answer;
      }
    },
    forget,
    forgetAll() {
      for (const id of [...asked.keys()]) forget(id);
      known.clear();
    },
    size: () => known.size,
  };
};
