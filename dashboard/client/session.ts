import { signal } from '@preact/signals';
import type { SessionView } from '../../api/contract/schemas.ts';
import { type Answer, endSession, type Failure, newKey, post, readSession, whenSignedOut } from './http.ts';

/** `undefined` until the service has told; `null` when nobody is signed in. */
export const session = signal<SessionView | null | undefined>(undefined);
/** The first question could not be asked at all. */
export const sessionFailure = signal<Failure | null>(null);
/** A session was there and ended by itself. */
export const ended = signal(false);

export const startSession = async (): Promise<void> => {
  whenSignedOut(() => {
    if (session.peek()) ended.value = true;
    session.value = null;
  });
  const answer = await readSession<SessionView>();
  if (answer.ok) {
    session.value = answer.value;
    sessionFailure.value = null;
  } else if (answer.failure.kind === 'unauthorised') {
    session.value = null;
    sessionFailure.value = null;
  } else sessionFailure.value = answer.failure;
};

export const signIn = async (user: string, password: string): Promise<Answer<SessionView>> => {
  const answer = await post<SessionView>('/session', { user, password }, newKey(), true);
  if (answer.ok) {
    ended.value = false;
    session.value = answer.value;
  }
  return answer;
};

export const signOut = async (): Promise<void> => {
  await endSession();
  session.value = null;
};
