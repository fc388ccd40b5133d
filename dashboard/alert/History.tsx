import type { AlertDetailView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { at, when } from '../format/time.ts';
import { t } from '../words/words.ts';
import { entryWords } from './words.ts';

/** The whole life of a finding, newest first. */
export const History = ({
  timeline,
  zone,
}: {
  readonly timeline: AlertDetailView['timeline'];
  readonly zone: string;
}) => (
  <section class="panel">
    <h2>{t('alert.history')}</h2>
    {timeline.length === 0 && <p class="quiet">{t('alert.history.none')}</p>}
    <ol class="timeline" data-testid="alert-history">
      {timeline.toReversed().map((entry, index) => {
        const { what, because, by } = entryWords(entry);
        const atMs = Date.parse(entry.at);
        return (
          <li key={timeline.length - index}>
            <time dateTime={entry.at} title={at('exact', atMs, zone)}>
              {when(atMs, now.peek(), zone)}
            </time>
            <div>
              <p>
                {what}
                {because !== null && <span class="quiet"> · {because}</span>}
                {by !== null && <span class="quiet"> · {by}</span>}
              </p>
              {entry.note && <p class="note">{entry.note}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  </section>
);
