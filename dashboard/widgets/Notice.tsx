import type { ComponentChildren } from 'preact';
import { type Failure, failureWords } from '../client/http.ts';
import { t } from '../words/words.ts';

/** What stands where there is nothing to show, and what to do about it. */
export const Notice = ({
  title,
  text,
  children,
  role = 'status',
}: {
  readonly title: string;
  readonly text: string;
  readonly children?: ComponentChildren;
  readonly role?: 'status' | 'alert';
}) => (
  <div class="notice" role={role}>
    <h2>{title}</h2>
    <p>{text}</p>
    {children}
  </div>
);

export const FailureNotice = ({
  failure,
  retry,
}: {
  readonly failure: Failure;
  readonly retry: () => void;
}) => (
  <Notice title={t('error.title')} text={failureWords(failure)} role="alert">
    {failure.kind !== 'forbidden' && failure.kind !== 'missing' && (
      <button type="button" class="button" onClick={retry}>
        {t('error.retry')}
      </button>
    )}
  </Notice>
);
