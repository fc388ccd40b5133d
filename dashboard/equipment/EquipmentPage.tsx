import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { EquipmentDetailView } from '../../api/contract/schemas.ts';
import { loadCatalogue } from '../client/catalogue.ts';
import { now } from '../clock/now.ts';
import { isSilent, isStale } from '../format/condition.ts';
import { unitName } from '../format/value.ts';
import { zoneOf } from '../live/fleet.ts';
import { healthCodes } from '../live/health.ts';
import { isOver } from '../live/tickets.ts';
import type { View } from '../plot/view.ts';
import { go, place, restate } from '../router.ts';
import { FailureNotice, Notice } from '../widgets/Notice.tsx';
import { Shape } from '../widgets/StateMark.tsx';
import { t } from '../words/words.ts';
import { Alerts } from './Alerts.tsx';
import { Header } from './Header.tsx';
import { Life } from './Life.tsx';
import { MachineTickets } from './MachineTickets.tsx';
import { Plots } from './Plots.tsx';
import { askedView, leading, liveView, RANGE_NAMES, RANGES, type RangeName, startRange } from './range.ts';
import type { AlertView, TicketView } from './shapes.ts';
import { firstUnit, unitsOf } from './trouble.ts';
import { useMachine } from './useMachine.ts';

const look = (change: Readonly<Record<string, string | null>>): void => {
  const query = new URLSearchParams(place.peek().query);
  for (const [name, value] of Object.entries(change)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  restate(query);
};

/** Browsers take few changes of the address in a row: it is written when the hand rests. */
const ADDRESS_REST_MS = 250;

/** The view under the hand, and where it is kept. */
const useHeldView = () => {
  const held = useSignal<View | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    held: held.value,
    hold: (view: View): void => {
      held.value = view;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        look({ from: String(view.fromMs), to: String(view.toMs) });
        held.value = null;
      }, ADDRESS_REST_MS);
    },
    release: (change: Readonly<Record<string, string | null>> = {}): void => {
      clearTimeout(timer.current);
      held.value = null;
      look({ from: null, to: null, ...change });
    },
  };
};

/** On a phone the chosen unit may lie beyond the edge. */
const useChosenInView = (unit: string) => {
  const chips = useRef<HTMLFieldSetElement>(null);
  // Follows the choice.
  useEffect(() => {
    const row = chips.current;
    const chosen = row?.querySelector<HTMLElement>('[aria-pressed=true]');
    if (row && chosen) row.scrollLeft = chosen.offsetLeft - (row.clientWidth - chosen.offsetWidth) / 2;
  }, [unit]);
  return chips;
};

const UnitChips = ({
  units,
  unit,
}: {
  readonly units: ReturnType<typeof unitsOf>;
  readonly unit: string;
}) => {
  const chips = useChosenInView(unit);
  if (units.length < 2) return null;
  return (
    <fieldset class="chips" ref={chips} aria-label={t('equipment.unit')}>
      {units.map((one) => (
        <button
          key={one.unit}
          type="button"
          class="chip"
          aria-pressed={one.unit === unit}
          data-testid={`unit-${one.unit === '' ? 'all' : one.unit}`}
          onClick={() => look({ unit: one.unit === '' ? '-' : one.unit })}
        >
          {one.tone !== 'normal' && <Shape condition={one.tone} size={12} />}
          {unitName(one.unit)}
        </button>
      ))}
    </fieldset>
  );
};

const RangeChips = ({
  range,
  fixed,
  choose,
}: {
  readonly range: RangeName;
  readonly fixed: boolean;
  readonly choose: (change?: { readonly range: RangeName }) => void;
}) => (
  <div class="ranges">
    <fieldset class="segments" aria-label={t('equipment.range')}>
      {RANGE_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={!fixed && name === range}
          onClick={() => choose({ range: name })}
        >
          {t(`equipment.range.${name}`)}
        </button>
      ))}
    </fieldset>
    {fixed && (
      <button type="button" class="button" onClick={() => choose()}>
        {t('equipment.reset')}
      </button>
    )}
  </div>
);

const openAlert = (id: string): void => {
  const item = document.getElementById(`alert-${id}`);
  item?.closest('details')?.setAttribute('open', '');
  item?.scrollIntoView({ block: 'center' });
  item?.focus();
};

const Body = ({
  machine,
  alerts,
  tickets,
}: {
  readonly machine: EquipmentDetailView;
  readonly alerts: readonly AlertView[];
  readonly tickets: readonly TicketView[];
}) => {
  const { query } = place.value;
  const open = tickets.filter((ticket) => !isOver(ticket));
  const units = unitsOf(machine.series, alerts, open);
  const asked = query.get('unit');
  const wanted = asked === '-' ? '' : asked;
  const unit = wanted !== null && units.some((one) => one.unit === wanted) ? wanted : firstUnit(units, open);
  // A live view moves by pixels, not by every tick of the clock.
  const { held, hold, release } = useHeldView();
  const finding = leading(alerts, unit);
  // Chosen once for a finding: the page doesn't jump as it grows older.
  const start = useMemo(() => startRange(finding, now.peek()), [unit, finding?.id]);
  const asking = askedView(query, start);
  const { range } = asking;
  const fixed = held ?? asking.fixed;
  const stepMs = Math.max(1_000, Math.round(RANGES[range] / 800));
  const nowMs = Math.floor(now.value / stepMs) * stepMs;
  const { remainingLife } = machine;
  const view = useMemo(
    () => fixed ?? liveView(range, remainingLife, unit, nowMs),
    [fixed?.fromMs, fixed?.toMs, range, remainingLife, unit, nowMs],
  );
  const sources = useMemo(
    () => ({
      alerts,
      tickets,
      life: remainingLife,
      nowMs,
      openTicket: (id: string) => go(`/tickets/${encodeURIComponent(id)}`),
      openAlert,
    }),
    [alerts, tickets, remainingLife, nowMs],
  );
  const zone = zoneOf(machine.site);
  const isAway = healthCodes.value.includes('telemetry-away');
  // On a narrow screen what has nothing to say stands below the plots.
  const calm = remainingLife.length === 0 && !alerts.some((alert) => alert.state === 'active');
  return (
    <div class="machine">
      <div class="machine-main">
        <div class="machine-tools">
          <UnitChips units={units} unit={unit} />
          <RangeChips range={range} fixed={fixed !== null} choose={release} />
        </div>
        {isStale(machine) ? (
          <p class="stale-note">{t('equipment.stale')}</p>
        ) : (
          isSilent(alerts, unit) && <p class="stale-note">{t('equipment.silent')}</p>
        )}
        {machine.series.length === 0 ? (
          <Notice
            title={t(isAway ? 'equipment.away.title' : 'equipment.noSeries.title')}
            text={t(isAway ? 'equipment.away.text' : 'equipment.noSeries.text')}
          />
        ) : (
          <>
            <Plots
              key={unit}
              machine={machine}
              unit={unit}
              view={view}
              sources={sources}
              onView={hold}
              onReset={() => release()}
            />
            <p class="quiet small hint">
              <span class="if-mouse">{t('plot.hint')}</span>
              <span class="if-touch">{t('plot.hintTouch')}</span> · {t('time.zone', { zone })}
            </p>
          </>
        )}
      </div>
      <div class={`machine-side${calm ? ' calm' : ''}`}>
        <Alerts alerts={alerts} series={machine.series} zone={zone} />
        <Life life={remainingLife} series={machine.series} zone={zone} />
      </div>
      <div class="machine-side below">
        <MachineTickets tickets={tickets} zone={zone} />
      </div>
    </div>
  );
};

const Skeleton = () => (
  <div class="page" aria-busy="true">
    <span class="skeleton w40 line" />
    <span class="skeleton w70 line" />
    <div class="machine">
      <div class="machine-main plots">
        {[1, 2, 3, 4].map((n) => (
          <span key={n} class="skeleton plot-skeleton" />
        ))}
      </div>
      <div class="machine-side">
        <span class="skeleton plot-skeleton" />
      </div>
    </div>
  </div>
);

const NONE: readonly never[] = [];

/** One machine: how it is, why, how long it will last, and who is on it. */
export const EquipmentPage = ({ id }: { readonly id: string }) => {
  const { detail, alerts, tickets } = useMachine(id);
  useEffect(() => void loadCatalogue(), []);
  if (detail.value === null)
    return detail.failure ? <FailureNotice failure={detail.failure} retry={detail.reload} /> : <Skeleton />;
  // The unit to begin with is only known with the alerts.
  if (alerts.value === null && !alerts.failure) return <Skeleton />;
  return (
    <div class="page">
      <Header machine={detail.value} />
      <Body
        machine={detail.value}
        alerts={alerts.value?.items ?? NONE}
        tickets={tickets.value?.items ?? NONE}
      />
    </div>
  );
};
