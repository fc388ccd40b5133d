import { useEffect, useRef, useState } from 'preact/hooks';
import type { TicketView } from '../../api/contract/schemas.ts';
import { useSubmit } from '../client/submit.ts';
import { t } from '../words/words.ts';

interface ReasonFormProps {
  readonly ticket: Pick<TicketView, 'id'>;
  readonly action: 'close' | 'cancel' | 'comment';
  readonly done: (ticket: TicketView) => void;
  readonly back: () => void;
}

const QUESTION = {
  close: 'form.reason.close',
  cancel: 'form.reason.cancel',
  comment: 'form.comment',
} as const;

/** Asks for the words that an action needs. What was typed stays when it can't be sent. */
export const ReasonForm = ({ ticket, action, done, back }: ReasonFormProps) => {
  const [text, setText] = useState('');
  const submit = useSubmit<TicketView>();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (submit.busy) return;
    const words = text.trim();
    if (words === '')
      return submit.complain(action === 'comment' ? t('form.comment.missing') : t('form.reason.missing'));
    const answer = await submit.send(
      `/tickets/${encodeURIComponent(ticket.id)}/${action}`,
      action === 'comment' ? { note: words } : { reason: words },
    );
    if (answer.ok) done(answer.value);
  };
  return (
    <form class="inline-form" onSubmit={(event) => void send(event)}>
      <label class="field">
        <span>{t(QUESTION[action])}</span>
        <textarea
          ref={field}
          rows={3}
          maxLength={action === 'comment' ? 4_000 : 500}
          value={text}
          data-testid="reason"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              event.preventDefault();
              back();
            }
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send(event);
          }}
        />
      </label>
      {submit.problem !== null && (
        <p class="form-problem" role="alert">
          {submit.problem}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="button primary" data-testid="confirm" disabled={submit.busy}>
          {submit.busy ? t('form.sending') : t(`form.confirm.${action}`)}
        </button>
        <button type="button" class="button plain" onClick={back}>
          {t('form.back')}
        </button>
      </div>
    </form>
  );
};
