import { useRef, useState } from 'preact/hooks';
import { t } from '../words/words.ts';
import { type Answer, type Failure, failureWords, newKey, post } from './http.ts';

export interface Submit<T> {
  readonly busy: boolean;
  /** What to say to the person, or null. */
  readonly problem: string | null;
  readonly send: (path: string, body: object) => Promise<Answer<T>>;
  readonly complain: (text: string | null) => void;
}

export const problemWords = (failure: Failure): string => {
  const detail = failureWords(failure);
  return failure.kind === 'conflict' ? t('form.conflict', { detail }) : t('form.failed', { detail });
};

/**
 * Sends a form. Trying the same again goes out under the same Idempotency-Key, so that an answer that was lost
 * on its way does nothing twice; a changed form is a new intent.
 */
export const useSubmit = <T>(): Submit<T> => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const intent = useRef<{ readonly text: string; readonly key: string } | null>(null);
  return {
    busy,
    problem,
    complain: setProblem,
    send: async (path, body) => {
      const text = `${path} ${JSON.stringify(body)}`;
      if (intent.current?.text !== text) intent.current = { text, key: newKey() };
      setBusy(true);
      const answer = await post<T>(path, body, intent.current.key);
      setBusy(false);
      if (answer.ok) intent.current = null;
      setProblem(answer.ok ? null : problemWords(answer.failure));
      return answer;
    },
  };
};
