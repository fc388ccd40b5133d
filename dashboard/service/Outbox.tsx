import type { DeliveryView } from '../../api/contract/schemas.ts';
import { useSubmit } from '../client/submit.ts';
import { now } from '../clock/now.ts';
import { ago } from '../format/time.ts';
import { Ago } from '../widgets/Time.tsx';
import { say, t } from '../words/words.ts';
import type { OutboxView } from './useDesk.ts';
import { failureText } from './words.ts';

interface DeadProps {
  readonly delivery: DeliveryView;
  readonly zone: string;
  readonly judged: () => void;
}

const Dead = ({ delivery, zone, judged }: DeadProps) => {
  const submit = useSubmit<DeliveryView>();
  const judge = async (action: 'retry' | 'dismiss'): Promise<void> => {
    if (submit.busy) return;
    const answer = await submit.send(`/deliveries/${delivery.id}/${action}`, {});
    if (answer.ok) judged();
  };
  const { notice } = delivery;
  return (
    <li class="finding" data-testid={`dead-${delivery.id}`}>
      <p class="finding-words">{say(notice.words)}</p>
      <p class="quiet small">
        {t('outbox.why', {
          channel: delivery.channel,
          why: failureText(delivery.reason),
          n: delivery.attempts,
        })}{' '}
        · <Ago ms={Date.parse(delivery.endedAt ?? delivery.createdAt)} zone={zone} />
      </p>
      {submit.problem !== null && (
        <p class="form-problem" role="alert">
          {submit.problem}
        </p>
      )}
      <div class="actions">
        <button type="button" class="button" disabled={submit.busy} onClick={() => void judge('retry')}>
          {t('outbox.retry')}
        </button>
        <button
          type="button"
          class="button plain"
          disabled={submit.busy}
          onClick={() => void judge('dismiss')}
        >
          {t('outbox.dismiss')}
        </button>
        {notice.ticket !== null && (
          <a class="link" href={`/tickets/${encodeURIComponent(notice.ticket)}`}>
            {t('alert.ticket', { id: notice.ticket })}
          </a>
        )}
      </div>
    </li>
  );
};

/** What is on its way to channels, and what a person must judge. */
export const Outbox = ({
  outbox,
  dead,
  zone,
  judged,
}: {
  readonly outbox: OutboxView;
  readonly dead: readonly DeliveryView[];
  readonly zone: string;
  readonly judged: () => void;
}) => (
  <section class="panel outbox-panel" data-testid="outbox">
    <h2>{t('outbox.title')}</h2>
    {outbox.waiting === 0 && outbox.dead === 0 && outbox.pausedChannels === 0 && (
      <p class="quiet">{t('outbox.fine')}</p>
    )}
    {outbox.waiting > 0 && outbox.oldestAt !== null && (
      <p>{t('outbox.waiting', { n: outbox.waiting, time: ago(Date.parse(outbox.oldestAt), now.value) })}</p>
    )}
    {outbox.pausedChannels > 0 && <p class="ink-due">{t('outbox.paused', { n: outbox.pausedChannels })}</p>}
    {outbox.dead > 0 && <h3 class="ink-down">{t('outbox.dead', { n: outbox.dead })}</h3>}
    <ul class="findings">
      {dead.map((delivery) => (
        <Dead key={delivery.id} delivery={delivery} zone={zone} judged={judged} />
      ))}
    </ul>
  </section>
);
