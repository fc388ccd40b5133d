import { t } from '../words/words.ts';
import { refused, sendNow, unsent, waiting } from './outbox.ts';

/** What has not been sent, and what was not taken. */
export const OutboxNotes = () => {
  const problem = refused.value;
  return (
    <div aria-live="polite">
      {waiting.value && unsent.value.length > 0 && (
        <div class="outbox-note" data-testid="unsent">
          <p>{t('crew.unsent', { n: unsent.value.length })}</p>
          <button type="button" class="button" onClick={() => void sendNow()}>
            {t('crew.unsentNow')}
          </button>
        </div>
      )}
      {problem !== null && (
        <div class="outbox-note wash-down" role="alert" data-testid="refused">
          <p>{t('crew.refused', { step: t(`do.${problem.step.action}`), detail: problem.detail })}</p>
          <button
            type="button"
            class="button"
            onClick={() => {
              refused.value = null;
            }}
          >
            {t('crew.dismiss')}
          </button>
        </div>
      )}
    </div>
  );
};
