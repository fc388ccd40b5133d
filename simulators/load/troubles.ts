import { classOf } from '../../core/fault/catalogue.ts';
import { createMachine } from '../create.ts';
import { GARAGES } from '../garage/kinds.ts';
import { uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { Town, TownWear } from '../town/file.ts';
import type { Scene } from '../town/scene.ts';
import type { SteadyMachine } from './steady.ts';

/** What can be wrong with sound machines: one of these, from a tenth of the run to nine tenths of it. */
export const TROUBLES = [
  'flaps',
  'duplicates',
  'reorder',
  'skew',
  'reboot',
  'power-cut',
  'lies',
  'codes',
  'storm',
] as const;
export type Trouble = (typeof TROUBLES)[number];

export const isTrouble = (name: string): name is Trouble => (TROUBLES as readonly string[]).includes(name);

const WINDOW: readonly [number, number] = [0.1, 0.9];
/** Of which machines have something wrong, where it befalls single ones: every third, the first included. */
const EVERY = 3;
const LIES = ['stuck', 'bias', 'noise', 'spikes', 'scale'] as const;
/** Normal must be known before a lie or an unusual number of codes can be seen. */
const PAST_DAYS: Partial<Record<Trouble, number>> = { lies: 14, codes: 14 };

const isGarage = (model: string): boolean => Object.hasOwn(GARAGES, classOf(model));
/** Harmless by the catalogue: it comes now and then while nothing is wrong. */
const harmlessCode = (model: string): string => (isGarage(model) ? 'W25' : 'W45');
/** A remote module that is there and not there. */
const faultCode = (model: string): string => (isGarage(model) ? 'G25' : 'A07');

interface Run {
  readonly machines: readonly SteadyMachine[];
  readonly durationMs: number;
  readonly seed: number;
}

const sitesOf = (machines: readonly SteadyMachine[]): readonly string[] => [
  ...new Set(machines.map(({ site }) => site)),
];

const scenesOf = (trouble: Trouble, { machines, durationMs, seed }: Run): readonly Scene[] => {
  const random = stream(seed, `scenario/${trouble}`);
  const durationS = durationMs / 1000;
  const afterS = WINDOW[0] * durationS;
  const forS = Math.max(1, (WINDOW[1] - WINDOW[0]) * durationS);
  const timed = { afterS, forS };
  const some = machines.filter((_, index) => index % EVERY === 0);
  const sites = sitesOf(machines);
  switch (trouble) {
    case 'flaps':
      return sites.map((site) => ({ kind: 'flapping', ...timed, site, everyS: Math.max(1, forS / 10) }));
    case 'duplicates':
      return sites.map((site) => ({ kind: 'resending', ...timed, site, share: 0.5 }));
    case 'reorder':
      return sites.map((site) => ({
        kind: 'disorder',
        ...timed,
        site,
        share: 0.5,
        lateS: Math.min(60, forS / 4),
      }));
    case 'skew':
      return some.map(({ id }, index): Scene => {
        const sign = random() < 0.5 ? -1 : 1;
        return index % 2 === 0
          ? {
              kind: 'clock-jump',
              ...timed,
              equipment: id,
              byS: sign * Math.round(uniform(random, 60, 7_200)),
            }
          : { kind: 'clock-skew', ...timed, equipment: id, sPerHour: sign * uniform(random, 60, 3_600) };
      });
    case 'reboot':
      return machines.map(({ id }) => ({
        kind: 'reboots',
        ...timed,
        equipment: id,
        everyS: Math.max(3, forS / 4),
      }));
    case 'power-cut': {
      // Half a minute of dark at most, then as much time to come back.
      const darkS = Math.max(1, Math.min(30, forS / 2));
      return sites.map((feeder) => {
        const stood = machines.filter(({ site }) => site === feeder).length;
        return { kind: 'power-cut', afterS, forS: darkS, feeder, stepS: Math.min(2, darkS / stood) };
      });
    }
    case 'codes':
      return some.map(({ id, model }) => ({
        kind: 'chatter',
        ...timed,
        equipment: id,
        code: harmlessCode(model),
        everyS: Math.max(1, forS / 20),
      }));
    case 'storm':
      return machines.map(({ id, model }) => ({
        kind: 'chatter',
        ...timed,
        equipment: id,
        code: faultCode(model),
        everyS: 0.2,
      }));
    case 'lies':
      return [];
  }
};

const liesOf = ({ machines, durationMs, seed }: Run, pauseS: number): readonly TownWear[] => {
  const random = stream(seed, 'scenario/lies');
  const durationS = durationMs / 1000;
  const first = Math.floor(uniform(random, 0, LIES.length));
  return machines
    .filter((_, index) => index % EVERY === 0)
    .map(({ id, site, model }, index) => {
      const { units } = createMachine({ id, site, model, timeZone: 'UTC', seed, fromMs: 0 });
      const movers = units.filter((unit) => unit !== '');
      return {
        equipment: id,
        unit: movers[0] ?? '',
        // Every kind of lie is told, whatever the seed, where there are machines enough.
        mechanism: LIES[(first + index) % LIES.length] ?? 'stuck',
        afterS: uniform(random, WINDOW[0], 0.3) * durationS,
        lifeCycles: Math.max(1, (0.3 * durationS) / pauseS),
      };
    });
};

/** How many units of a machine speak by themselves in fast motion. */
const voicesOf = ({ id, site, model }: SteadyMachine): number => {
  const { units } = createMachine({ id, site, model, timeZone: 'UTC', seed: 0, fromMs: 0 });
  return Math.max(1, units.filter((unit) => unit !== '').length);
};

/** Sound machines in fast motion, about `ratePerS` readings a second together, and one kind of trouble. */
export const troubledTown = (trouble: Trouble, run: Run, ratePerS: number): Town => {
  const { machines } = run;
  const voices = machines.reduce((sum, machine) => sum + voicesOf(machine), 0);
  const pauseS = Math.min(3_600, Math.max(0.002, voices / ratePerS));
  return {
    name: { en: trouble, zh: trouble },
    about: { en: 'Sound machines and one kind of trouble.', zh: '设备完好，只有一种干扰' },
    pastDays: PAST_DAYS[trouble] ?? 0,
    pace: 'fast',
    sites: sitesOf(machines).map((id) => ({
      id,
      name: { en: id, zh: id },
      position: { lat: 30.27, lon: 120.16 },
      timeZone: 'Asia/Shanghai',
      kind: 'mall',
      climate: 'subtropical',
      feeder: id,
    })),
    machines: machines.map(({ id, site, model }) => ({
      id,
      site,
      model,
      name: { en: id, zh: id },
      tier: 3,
      ageYears: 5,
      people: 'mall',
      fastPauseS: [0.9 * pauseS, Math.min(3_600, 1.1 * pauseS)],
    })),
    wears: trouble === 'lies' ? liesOf(run, pauseS) : [],
    chance: null,
    hazard: null,
    scenes: scenesOf(trouble, run),
    chanceScenes: null,
  };
};
