import { useState } from 'preact/hooks';
import type { SessionView, TicketDetailView, TicketView } from '../../api/contract/schemas.ts';
import { useSubmit } from '../client/submit.ts';
import { t } from '../words/words.ts';
import { AssignForm } from './AssignForm.tsx';
import { may } from './permit.ts';
import { ReasonForm } from './ReasonForm.tsx';

type Doing = 'assign' | 'close' | 'cancel' | 'comment';
type Stepped = (ticket: TicketView) => void;

const REASONED = ['close', 'cancel'] as const;

/** What this person may do with the ticket now; what needs words opens in place. */
export const Actions = ({
  ticket,
  session,
  done,
}: {
  readonly ticket: TicketDetailView;
  readonly session: SessionView;
  readonly done: Stepped;
}) => {
  const [doing, setDoing] = useState<Doing | null>(null);
  const direct = useSubmit<TicketView>();
  const can = (action: Parameters<typeof may>[2]): boolean => may(session, ticket, action);
  const finish: Stepped = (next) => {
    setDoing(null);
    done(next);
  };
  const back = (): void => setDoing(null);
  if (doing === 'assign') return <AssignForm ticket={ticket} done={finish} back={back} />;
  if (doing !== null)
    return <ReasonForm key={doing} ticket={ticket} action={doing} done={finish} back={back} />;
  const step = async (action: 'reopen'): Promise<void> => {
    const answer = await direct.send(`/tickets/${encodeURIComponent(ticket.id)}/${action}`, {});
    if (answer.ok) done(answer.value);
  };
  const offers = [
    can('assign') && (
      <button
        key="assign"
        type="button"
        class={`button${ticket.crew === null ? ' primary' : ''}`}
        data-testid="do-assign"
        onClick={() => setDoing('assign')}
      >
        {ticket.crew === null ? t('do.assign') : t('do.reassign')}
      </button>
    ),
    can('comment') && (
      <button
        key="comment"
        type="button"
        class="button"
        data-testid="do-comment"
        onClick={() => setDoing('comment')}
      >
        {t('do.comment')}
      </button>
    ),
    can('reopen') && (
      <button
        key="reopen"
        type="button"
        class="button"
        data-testid="do-reopen"
        disabled={direct.busy}
        onClick={() => void step('reopen')}
      >
        {t('do.reopen')}
      </button>
    ),
    ...REASONED.map(
      (action) =>
        can(action) && (
          <button
            key={action}
            type="button"
            class="button"
            data-testid={`do-${action}`}
            onClick={() => setDoing(action)}
          >
            {t(`do.${action}`)}
          </button>
        ),
    ),
  ].filter(Boolean);
  if (offers.length === 0) return null;
  return (
    <div class="actions">
      {offers}
      {direct.problem !== null && (
        <p class="form-problem" role="alert">
          {direct.problem}
        </p>
      )}
    </div>
  );
};
