import type { AlertView } from '../../api/contract/schemas.ts';
import { amount, unitName, withUnit } from '../format/value.ts';
import { fleet } from '../live/fleet.ts';
import { t } from '../words/words.ts';

/** Healthy machines of the same model, to look at beside this one. */
export const Peers = ({
  peers,
  unitOfMeasure,
}: {
  readonly peers: AlertView['evidence']['peers'];
  readonly unitOfMeasure: string;
}) => (
  <section class="panel" data-testid="peers">
    <h2>{t('alert.peers')}</h2>
    {peers === null ? (
      <p class="quiet">{t('alert.peers.none')}</p>
    ) : (
      <>
        <p class="quiet small">
          {t('alert.peers.count', {
            n: peers.count,
            model: peers.model,
            low: amount(peers.band.low),
            high: withUnit(peers.band.high, unitOfMeasure),
          })}
        </p>
        <ul class="peers">
          {peers.sample.map(({ equipment, unit, level }) => (
            <li key={`${equipment} ${unit}`}>
              <a
                class="link"
                href={`/equipment/${encodeURIComponent(equipment)}?unit=${encodeURIComponent(unit || '-')}`}
              >
                {fleet.value.get(equipment)?.name ?? equipment}
                {unit !== '' && ` \u00b7 ${unitName(unit)}`}
              </a>
              <span class="num">{withUnit(level, unitOfMeasure)}</span>
            </li>
          ))}
        </ul>
      </>
    )}
  </section>
);
