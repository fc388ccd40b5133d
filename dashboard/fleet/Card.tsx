import type { EquipmentView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { conditionOf, isStale } from '../format/condition.ts';
import { msOrNull, span } from '../format/time.ts';
import { amount, unitName } from '../format/value.ts';
import { siteName, zoneOf } from '../live/fleet.ts';
import { Sparkline } from '../plot/Sparkline.tsx';
import { TicketIcon } from '../widgets/icons.tsx';
import { StateMark } from '../widgets/StateMark.tsx';
import { Ago } from '../widgets/Time.tsx';
import { say, t } from '../words/words.ts';
import { tellingValue, useSpark } from './useSpark.ts';

const TicketNote = ({ count }: { readonly count: number }) =>
  count === 0 ? null : (
    <span class="card-ticket">
      <TicketIcon />
      {count === 1 ? t('fleet.ticket') : t('fleet.tickets', { n: count })}
    </span>
  );

const Heard = ({ machine, zone }: { readonly machine: EquipmentView; readonly zone: string }) => {
  const value = tellingValue(machine);
  if (machine.online === 'online' && value) return <Ago ms={Date.parse(value.at)} zone={zone} />;
  const heardAt = msOrNull(machine.lastHeardAt);
  const word = machine.online === 'offline' ? `${t('online.offlineShort')} · ` : '';
  if (heardAt === null) return <>{word + t('online.never')}</>;
  return (
    <>
      {word}
      <Ago ms={heardAt} zone={zone} />
    </>
  );
};

const Life = ({ machine }: { readonly machine: EquipmentView }) => {
  const soonest = machine.remainingLife.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))[0];
  if (!soonest) return null;
  const left = Date.parse(soonest.at) - now.value;
  return (
    <span class="card-life">
      {left > 0 ? t('fleet.left', { time: span(left) }) : t('equipment.life.passed')}
    </span>
  );
};

/** One machine: how it is, what tells it, how old that is, and whether somebody is on it. */
export const Card = ({ machine }: { readonly machine: EquipmentView }) => {
  const condition = conditionOf(machine);
  const zone = zoneOf(machine.site);
  const value = tellingValue(machine);
  const { host, series, view } = useSpark(machine, value);
  return (
    <a
      ref={host}
      href={`/equipment/${encodeURIComponent(machine.id)}`}
      class={`card is-${condition}${isStale(machine) ? ' stale' : ''}`}
      data-testid={`equipment-${machine.id}`}
      data-condition={condition}
    >
      <span class="card-top">
        <StateMark condition={condition} />
        <TicketNote count={machine.openTickets.length} />
      </span>
      <span class="card-name">{machine.name}</span>
      <span class="card-class">
        {say(machine.className)} · {siteName(machine.site)}
      </span>
      <span class="card-plot">{series && <Sparkline series={series} view={view} />}</span>
      <span class="card-value">
        {value ? (
          <>
            <span class="card-metric">
              {value.unit === '' ? '' : `${unitName(value.unit)} `}
              {say(value.label)}
            </span>
            <b class="num">
              {amount(value.value)}
              <span class="uom"> {value.unitOfMeasure}</span>
            </b>
          </>
        ) : (
          <span class="card-metric">{t('fleet.noData')}</span>
        )}
      </span>
      <span class="card-foot">
        <span>
          <Heard machine={machine} zone={zone} />
        </span>
        <Life machine={machine} />
      </span>
    </a>
  );
};
