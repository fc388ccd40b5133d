import { useState } from 'preact/hooks';
import type { AlertDetailView, SessionView } from '../../api/contract/schemas.ts';
import { useSubmit } from '../client/submit.ts';
import { t } from '../words/words.ts';

interface DeedsProps {
  readonly alert: AlertDetailView;
  readonly role: SessionView['role'];
  readonly done: (alert: AlertDetailView) => void;
}

const mayAcknowledge = (role: SessionView['role']): boolean =>
  role === 'crew' || role === 'dispatcher' || role === 'admin';

/** Acknowledge and comment; what was typed stays when it can't be sent. */
export const Deeds = ({ alert, role, done }: DeedsProps) => {
  const [note, setNote] = useState('');
  const submit = useSubmit<AlertDetailView>();
  if (role === 'viewer') return null;
  const path = `/alerts/${encodeURIComponent(alert.id)}`;
  const send = async (action: 'acknowledge' | 'comment'): Promise<void> => {
    if (submit.busy) return;
    const words = note.trim();
    if (action === 'comment' && words === '') return submit.complain(t('form.comment.missing'));
    const answer = await submit.send(`${path}/${action}`, words === '' ? {} : { note: words });
    if (!answer.ok) return;
    setNote('');
    done(answer.value);
  };
  const isOpen = alert.state === 'active' && alert.acknowledgedAt === null && mayAcknowledge(role);
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send('comment');
      }}
    >
      <label class="field">
        <span>{t('alert.comment')}</span>
        <textarea
          rows={2}
          maxLength={4_000}
          value={note}
          data-testid="alert-note"
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      {submit.problem !== null && (
        <p class="form-problem" role="alert">
          {submit.problem}
        </p>
      )}
      <div class="actions">
        {isOpen && (
          <button
            type="button"
            class="button primary"
            data-testid="acknowledge"
            disabled={submit.busy}
            onClick={() => void send('acknowledge')}
          >
            {submit.busy ? t('form.sending') : t('alert.acknowledge')}
          </button>
        )}
        <button type="submit" class="button" data-testid="comment" disabled={submit.busy}>
          {t('form.confirm.comment')}
        </button>
      </div>
    </form>
  );
};
