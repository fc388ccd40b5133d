import type { ReaderView } from '../../api/contract/schemas.ts';
import type { Resource } from '../client/resource.ts';
import { healthCodes } from '../live/health.ts';
import { FailureNotice } from '../widgets/Notice.tsx';
import { Shape } from '../widgets/StateMark.tsx';
import { named, t } from '../words/words.ts';
import { Outbox } from './Outbox.tsx';
import { Quarantine } from './Quarantine.tsx';
import { useDesk } from './useDesk.ts';
import { lagWords } from './words.ts';

const Readers = ({ readers }: { readonly readers: readonly ReaderView[] }) => (
  <section class="panel" data-testid="readers">
    <h2>{t('service.readers')}</h2>
    {readers.length === 0 && <p class="quiet">{t('service.readers.none')}</p>}
    <ul class="service-readers">
      {readers.map((reader) => {
        const { text, tone } = lagWords(reader);
        return (
          <li key={`${reader.reader} ${reader.partition}`} data-testid={`reader-${reader.reader}`}>
            <span>{named('service.reader', reader.reader)}</span>
            <span
              class={`state ink-${tone}`}
              title={t('service.offset', { n: reader.reached ?? reader.offset })}
            >
              <Shape condition={tone} />
              {text}
            </span>
          </li>
        );
      })}
    </ul>
  </section>
);

const Health = () => (
  <section class="panel" data-testid="health">
    <h2>{t('health.title')}</h2>
    {healthCodes.value.length === 0 ? (
      <p class="quiet">{t('health.fine')}</p>
    ) : (
      <ul class="service-health">
        {healthCodes.value.map((code) => (
          <li key={code}>{t(`health.${code}`)}</li>
        ))}
      </ul>
    )}
  </section>
);

/** What could not be loaded says so in its own place; the rest of the page stays. */
const Part = <T,>({
  of,
  show,
}: {
  readonly of: Resource<T>;
  readonly show: (value: T) => preact.JSX.Element;
}) => {
  if (of.value !== null) return show(of.value);
  if (of.failure !== null) return <FailureNotice failure={of.failure} retry={of.reload} />;
  return <span class="skeleton plot-skeleton" aria-busy="true" />;
};

/** For who keeps it running: are we up to date, what could nobody use, who could not be told. */
export const ServicePage = () => {
  const { readers, outbox, dead, quarantine, more } = useDesk();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // One refusal says enough.
  if (readers.failure?.kind === 'forbidden')
    return <FailureNotice failure={readers.failure} retry={readers.reload} />;
  return (
    <div class="page service-page">
      <h1>{t('service.title')}</h1>
      <div class="service-side">
        <Health />
        <Part of={readers} show={({ items }) => <Readers readers={items} />} />
        <Part
          of={outbox}
          show={(summary) => (
            <Outbox
              outbox={summary}
              dead={dead.value?.items ?? []}
              zone={zone}
              judged={() => {
                dead.reload();
                outbox.reload();
              }}
            />
          )}
        />
      </div>
      <Part of={quarantine} show={(value) => <Quarantine quarantine={value} zone={zone} more={more} />} />
    </div>
  );
};
