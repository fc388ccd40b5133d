import { pick } from '../../simulators/random/draw.ts';
import { stream } from '../../simulators/random/stream.ts';
import {
  between,
  type ClientPlan,
  type Episode,
  HOUR_MS,
  type MachinePlan,
  MINUTE_MS,
  type Plan,
  SECOND_MS,
  START_MS,
  times,
} from './plan.ts';
import { CALM, planDisturbances } from './plan-disturbances.ts';

const GARAGE = { model: 'PSH-7', units: ['bay1', 'bay2'] } as const;
const WASHER = { model: 'washer-W8', units: [''] } as const;

interface Sign {
  readonly sign: string;
  readonly component: string;
}
const GARAGE_CODES: readonly Sign[] = [
  { sign: 'G06', component: 'hoist' },
  { sign: 'G07', component: 'traverse' },
  { sign: 'G12', component: 'hook' },
  { sign: 'G17', component: 'sensors' },
  { sign: 'G24', component: 'drive' },
];
const GARAGE_WEARS: readonly Sign[] = [
  { sign: 'brakeSlipMm', component: 'brake' },
  { sign: 'oilPressureMpa', component: 'hydraulics' },
];
const GARAGE_BLIPS: readonly Sign[] = [
  { sign: 'G14', component: 'body' },
  { sign: 'G18', component: 'door' },
];
const WASHER_CODES: readonly Sign[] = [
  { sign: 'A05', component: 'motor' },
  { sign: 'A08', component: 'heater' },
];
const WASHER_WEARS: readonly Sign[] = [{ sign: 'drainS', component: 'pump' }];
const WASHER_BLIPS: readonly Sign[] = [{ sign: 'A06', component: 'door' }];

const planMachine = (town: number, id: string): MachinePlan => {
  const random = stream(town, `machine/${id}`);
  const kind = id.startsWith('garage') ? GARAGE : WASHER;
  const within = (): number => START_MS + between(random, HOUR_MS, 14 * HOUR_MS);
  return {
    id,
    site: random() < 0.5 ? 'wulin' : 'xihu',
    ...kind,
    everyMs: between(random, 240, 420) * 1_000,
    skewMs: random() < 0.4 ? between(random, -170_000, 170_000) : between(random, -900, 900),
    rebootsAtMs: times(between(random, 0, 2), within),
    garbageAtMs: times(between(random, 0, 2), within),
  };
};

const planClients = (town: number): readonly ClientPlan[] => {
  const random = stream(town, 'clients');
  const own = (id: string): ClientPlan => ({ id, machines: [planMachine(town, id)] });
  const behind = ['garage-9', 'washer-9'].map((id) => planMachine(town, id));
  return [
    own('garage-1'),
    own('garage-2'),
    own('washer-1'),
    ...(random() < 0.5 ? [{ id: 'gateway-1', machines: behind }] : [own('washer-2')]),
  ];
};

const signsOf = (machine: MachinePlan, kind: Episode['kind']): readonly Sign[] => {
  const isGarage = machine.model === GARAGE.model;
  if (kind === 'code') return isGarage ? GARAGE_CODES : WASHER_CODES;
  if (kind === 'wear') return isGarage ? GARAGE_WEARS : WASHER_WEARS;
  return isGarage ? GARAGE_BLIPS : WASHER_BLIPS;
};

const planEpisodes = (town: number, machines: readonly MachinePlan[]): readonly Episode[] => {
  const random = stream(town, 'episodes');
  const items = new Set<string>();
  const episodes: Episode[] = [];
  const add = (i: number): void => {
    const machine = pick(random, machines);
    const unit = pick(random, machine.units);
    // Each town has a code, which its controller forgets, and a wear.
    const kind =
      (['code', 'wear'] as const)[i] ?? pick(random, ['code', 'code', 'wear', 'wear', 'blip'] as const);
    const { sign, component } = pick(random, signsOf(machine, kind));
    const item = `${machine.id}/${unit}/${component}`;
    if (items.has(item)) return;
    items.add(item);
    const of = { equipment: machine.id, unit, component, kind, sign };
    const first = {
      ...of,
      id: `${item}#1`,
      onsetMs: START_MS + between(random, 0.5 * HOUR_MS, 8 * HOUR_MS),
      forMs: kind === 'blip' ? between(random, 1, 8) * MINUTE_MS : between(random, 30, 90) * MINUTE_MS,
      forgetful: i === 0 || random() < 0.3,
    };
    episodes.push(first);
    if (random() < 0.3)
      episodes.push({
        ...first,
        id: `${item}#2`,
        onsetMs: SECOND_MS + between(random, 0, HOUR_MS),
        forgetful: false,
      });
  };
  times(between(random, 4, 7), add);
  return episodes.sort((a, b) => a.onsetMs - b.onsetMs);
};

const SEEDS_A_TOWN = 10;

export const planOf = (seed: number): Plan => {
  const town = Math.floor(seed / SEEDS_A_TOWN);
  const clients = planClients(town);
  const machines = clients.flatMap((client) => client.machines);
  return {
    seed,
    town,
    clients,
    episodes: planEpisodes(town, machines),
    disturbances: planDisturbances(seed, clients),
  };
};

/** The town of a seed when nothing goes wrong. */
export const calmPlanOf = (seed: number): Plan => ({
  ...planOf(seed),
  seed: Math.floor(seed / SEEDS_A_TOWN) * SEEDS_A_TOWN,
  disturbances: CALM,
});
