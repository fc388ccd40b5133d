import type { QuarantineView } from '../../api/contract/schemas.ts';
import { MAX_ROWS } from '../client/rows.ts';
import { fleet } from '../live/fleet.ts';
import { Ago } from '../widgets/Time.tsx';
import { named, t } from '../words/words.ts';

/** What machines sent and nobody could use, newest first, with what to mend. */
export const Quarantine = ({
  quarantine,
  zone,
  more,
}: {
  readonly quarantine: QuarantineView;
  readonly zone: string;
  readonly more: (() => void) | null;
}) => (
  <section class="panel" data-testid="quarantine">
    <h2>{t('quarantine.title')}</h2>
    {quarantine.items.length === 0 && <p class="quiet">{t('quarantine.none')}</p>}
    {quarantine.counts.length > 0 && (
      <ul class="service-counts">
        {quarantine.counts.map(({ reason, count }) => (
          <li key={reason}>
            {named('rejected', reason)} <b class="num">{count}</b>
          </li>
        ))}
      </ul>
    )}
    <ul class="findings">
      {quarantine.items.map((item) => (
        <li key={`${item.partition} ${item.offset} ${item.index}`} class="finding">
          <p class="finding-top">
            <b>{named('rejected', item.reason)}</b>
            <span class="quiet">
              <Ago ms={Date.parse(item.at)} zone={zone} />
            </span>
          </p>
          <p class="service-detail">{item.detail}</p>
          <a class="link" href={`/equipment/${encodeURIComponent(item.equipment)}`}>
            {fleet.value.get(item.equipment)?.name ?? item.equipment}
          </a>
          <span class="quiet small"> · {item.channel}</span>
          <details>
            <summary>{t('quarantine.payload')}</summary>
            <pre class="payload">{item.payload}</pre>
          </details>
        </li>
      ))}
    </ul>
    {more !== null && (
      <button type="button" class="button" onClick={more} data-testid="quarantine-more">
        {t('quarantine.more')}
      </button>
    )}
    {more === null && quarantine.next !== null && (
      <p class="quiet small">{t('quarantine.limit', { n: MAX_ROWS })}</p>
    )}
  </section>
);
