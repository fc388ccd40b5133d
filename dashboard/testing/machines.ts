import type { EquipmentDetailView, LatestView } from '../../api/contract/schemas.ts';
import { classOf } from '../../core/fault/catalogue.ts';
import { catalogue } from './catalogue.ts';
import { type Behaviour, lastReadingMs, seriesOf, steady, valueAt } from './series.ts';
import { DAY, HOUR, iso, MINUTE } from './time.ts';

/** A made-up machine, and how each of its series behaves. */
export interface Machine {
  readonly view: Omit<EquipmentDetailView, 'latest' | 'openTickets' | 'activeAlerts'>;
  readonly series: readonly (EquipmentDetailView['series'][number] & { readonly behaviour: Behaviour })[];
}

const GARAGE: readonly (readonly [metric: string, behaviour: Behaviour])[] = [
  ['hoistCurrentA', steady(8.6, 0.9, { everyMs: 11 * MINUTE, byDay: true })],
  ['windingTempC', steady(52, 3, { daily: 9, everyMs: MINUTE })],
  ['chainElongationPct', steady(0.62, 0.03, { everyMs: 11 * MINUTE, byDay: true })],
  ['vibrationMmS', steady(0.9, 0.25, { everyMs: 11 * MINUTE, byDay: true })],
  ['brakeSlipMm', steady(1.8, 0.6, { everyMs: 11 * MINUTE, byDay: true })],
  ['stopErrorMm', steady(0.4, 2.4, { everyMs: 11 * MINUTE, byDay: true })],
];
const WHOLE: readonly (readonly [metric: string, behaviour: Behaviour])[] = [
  ['supplyVoltageV', steady(381, 2.5, { daily: 3, everyMs: 10_000 })],
  ['cycleCount', steady(48_210, 0, { driftPerDay: 96, driftFromDays: 30 })],
];
const APPLIANCE: Readonly<Record<string, readonly (readonly [metric: string, behaviour: Behaviour])[]>> = {
  fridge: [
    ['fridgeTempC', steady(4.2, 0.7, { daily: 0.3 })],
    ['compressorDutyPct', steady(44, 5, { daily: 6 })],
  ],
  aircon: [
    ['dischargeTempC', steady(78, 4, { daily: 7 })],
    ['currentA', steady(6.1, 0.5, { daily: 0.6 })],
  ],
  washer: [
    ['drainS', steady(58, 6, { everyMs: 3 * HOUR, byDay: true })],
    ['drumG', steady(0.42, 0.06, { everyMs: 3 * HOUR, byDay: true })],
  ],
  oven: [['heaterW', steady(2_180, 40, { everyMs: 2 * HOUR, byDay: true })]],
  kettle: [['heatSPerC', steady(4.1, 0.15, { everyMs: HOUR, byDay: true })]],
  ricecooker: [['ntcTempC', steady(104, 2, { everyMs: 2 * HOUR, byDay: true })]],
};

/** `garage-1` bay7 wears, `fridge-2` leaks, `aircon-1` shifted. */
const WORN: Readonly<Record<string, Partial<Behaviour>>> = {
  'garage-1 bay7 chainElongationPct': { base: 0.7, driftPerDay: 0.124, driftFromDays: 9.2 },
  'garage-1 bay7 hoistCurrentA': { driftPerDay: 0.12, driftFromDays: 6 },
  'fridge-2  compressorDutyPct': { base: 52, driftPerDay: 2.6, driftFromDays: 8 },
  'aircon-1  currentA': { step: 1.6, stepDaysAgo: 0.7 },
};

/** One of the town, as it stands at `nowMs`. */
export const machine = (
  id: string,
  name: string,
  site: string,
  model: string,
  units: readonly string[],
  nowMs: number,
  more: Partial<Machine['view']> = {},
): Machine => {
  const kind = classOf(model);
  const own = APPLIANCE[kind];
  const parts: readonly (readonly [unit: string, readonly (readonly [string, Behaviour])[]])[] = own
    ? [['', own]]
    : [['', WHOLE], ...units.map((unit) => [unit, GARAGE] as const)];
  const series = parts.flatMap(([unit, list]) =>
    list.map(([metric, behaviour]) => {
      const signal = catalogue.signals.get(metric)!;
      return {
        unit,
        metric,
        label: signal.name,
        unitOfMeasure: signal.unit,
        component: signal.item,
        firstAt: iso(nowMs - 30 * DAY),
        lastAt: iso(nowMs),
        behaviour: { ...behaviour, ...WORN[`${id} ${unit} ${metric}`] },
      };
    }),
  );
  return {
    view: {
      id,
      site,
      name,
      model,
      class: kind,
      className: catalogue.classes.get(kind)?.name ?? { en: kind, zh: kind },
      online: 'online',
      onlineAt: iso(nowMs - 6 * DAY),
      lastHeardAt: iso(nowMs - 2_000),
      firmware: '2.4.1',
      health: 'normal',
      remainingLife: [],
      warranty: null,
      series: series.map(({ behaviour: _, ...info }) => info),
      ...more,
    },
    series,
  };
};

export const bays = (n: number): string[] => Array.from({ length: n }, (_, at) => `bay${at + 1}`);

/** The newest values of a machine, up to `limit` of them. */
export const latestOf = (
  m: Machine,
  nowMs: number,
  limit: number,
  lead: readonly string[] = [],
): LatestView[] => {
  const order = m.series.toSorted(
    (a, b) =>
      Number(lead.includes(`${b.unit} ${b.metric}`)) - Number(lead.includes(`${a.unit} ${a.metric}`)) ||
      Number(b.unit !== '') - Number(a.unit !== ''),
  );
  const heardMs = m.view.lastHeardAt === null ? null : Date.parse(m.view.lastHeardAt);
  if (heardMs === null) return [];
  return order.slice(0, limit).map((s) => {
    const name = `${m.view.id}${s.unit}${s.metric}`;
    const at = lastReadingMs(s.behaviour, name, m.view.online === 'online' ? nowMs : heardMs);
    return {
      unit: s.unit,
      metric: s.metric,
      label: s.label,
      unitOfMeasure: s.unitOfMeasure,
      component: s.component,
      value: Number(valueAt(s.behaviour, name, at, nowMs).toFixed(2)),
      at: iso(at),
      ageMs: nowMs - at,
    };
  });
};

export const readSeries = (
  m: Machine,
  unit: string,
  metric: string,
  range: { readonly fromMs: number; readonly toMs: number; readonly points: number },
  nowMs: number,
) => {
  const [measured, part] = metric.split('.');
  const s = m.series.find((one) => one.unit === unit && one.metric === measured);
  const endMs = m.view.online === 'online' ? nowMs : Date.parse(m.view.lastHeardAt ?? iso(0));
  if (!s) return { ts: [], min: [], max: [], mean: [] };
  const { behaviour } = s;
  const name = `${m.view.id}${unit}${metric}`;
  if (part === undefined) return seriesOf(behaviour, name, range, endMs);
  // Normal is as before anything went wrong, told every ten minutes.
  const off = 1.3 * behaviour.noise * (part === 'low' ? -1 : 1);
  const normal = { noise: 0, driftPerDay: 0, step: 0, everyMs: 600_000, byDay: false };
  return seriesOf({ ...behaviour, ...normal, base: behaviour.base + off }, name, range, endMs);
};
