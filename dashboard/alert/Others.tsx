import type { AlertView } from '../../api/contract/schemas.ts';
import { catalogue } from '../client/catalogue.ts';
import { amount, withUnit } from '../format/value.ts';
import { say, t } from '../words/words.ts';

type Other = AlertView['evidence']['others'][number];

const OtherLine = ({ metric, seen, expected }: Other) => {
  const signal = catalogue.value?.signals.find((one) => one.metric === metric);
  const unit = signal?.unit ?? '';
  const range = expected && `${amount(expected.low)}\u2013${withUnit(expected.high, unit)}`;
  return (
    <li>
      <span>{signal ? say(signal.name) : metric}</span>
      <span class="num">
        {withUnit(seen, unit)}
        {range && <span class="quiet small"> {t('alert.others.normally', { range })}</span>}
      </span>
    </li>
  );
};

/** The metrics that went off their normal together with the one that tells. */
export const Others = ({ others }: { readonly others: readonly Other[] }) =>
  others.length === 0 ? null : (
    <section class="panel" data-testid="others">
      <h2>{t('alert.others')}</h2>
      <ul class="peers">
        {others.map((one) => (
          <OtherLine key={one.metric} {...one} />
        ))}
      </ul>
    </section>
  );
