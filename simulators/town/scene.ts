import { type At, fields, id, number, oneOf, optional, range, text, wrong } from './read.ts';

/** Something that befalls a part of the town, `afterS` seconds into its live part and for `forS`. */
interface Timed {
  readonly afterS: number;
  readonly forS: number;
}

/** What can befall a town, none of it a machine's wear. Places: a feeder, a site, a machine, a model. */
export type Scene = Timed &
  (
    | {
        readonly kind: 'power-cut';
        readonly feeder: string /** Seconds from machine to machine, as they come back. */;
        readonly stepS: number;
      }
    | {
        readonly kind: 'brown-out';
        readonly feeder: string /** What is left of the voltage. */;
        readonly share: number;
      }
    | { readonly kind: 'network-outage'; readonly site: string }
    | { readonly kind: 'heat-wave'; readonly excessC: number }
    | { readonly kind: 'cloudburst'; readonly mm: number }
    | { readonly kind: 'clock-jump'; readonly equipment: string; readonly byS: number }
    /** The clock runs wrong, by so many seconds an hour. */
    | { readonly kind: 'clock-skew'; readonly equipment: string; readonly sPerHour: number }
    | { readonly kind: 'firmware'; readonly model: string; readonly firmware: string }
    /** Connections of a site break about every `everyS` seconds; half of them are noticed late, with a late last will. */
    | { readonly kind: 'flapping'; readonly site: string; readonly everyS: number }
    /** This part of a site's messages is sent again, at once or later, as it was (same seq, DUP set). */
    | { readonly kind: 'resending'; readonly site: string; readonly share: number }
    /** This part of a site's messages is overtaken by others: it comes up to `lateS` seconds late. */
    | { readonly kind: 'disorder'; readonly site: string; readonly share: number; readonly lateS: number }
    /** It starts anew about every `everyS` seconds. */
    | { readonly kind: 'reboots'; readonly equipment: string; readonly everyS: number }
    /** A code that comes and goes without anything being wrong: a loose contact, a touchy threshold. */
    | { readonly kind: 'chatter'; readonly equipment: string; readonly code: string; readonly everyS: number }
  );
export type SceneKind = Scene['kind'];

/** Scenes by chance, drawn from the seed: so that no two days are alike. */
export interface ChanceScenes {
  readonly afterS: number;
  readonly everyS: readonly [number, number];
  readonly forS: readonly [number, number];
  readonly kinds: readonly ChanceSceneKind[];
}

export const CHANCE_SCENES = [
  'power-cut',
  'brown-out',
  'network-outage',
  'clock-jump',
  'clock-skew',
] as const;
export type ChanceSceneKind = (typeof CHANCE_SCENES)[number];

const TIMED = ['kind', 'afterS', 'forS'] as const;
/** The fields of each kind, beside those of all. */
const OWN: Readonly<Record<SceneKind, readonly string[]>> = {
  'power-cut': ['feeder', 'stepS'],
  'brown-out': ['feeder', 'share'],
  'network-outage': ['site'],
  'heat-wave': ['excessC'],
  cloudburst: ['mm'],
  'clock-jump': ['equipment', 'byS'],
  'clock-skew': ['equipment', 'sPerHour'],
  firmware: ['model', 'firmware'],
  flapping: ['site', 'everyS'],
  resending: ['site', 'share'],
  disorder: ['site', 'share', 'lateS'],
  reboots: ['equipment', 'everyS'],
  chatter: ['equipment', 'code', 'everyS'],
};
const KINDS = Object.keys(OWN) as SceneKind[];
/** A year: what a town file may ask for at most. */
const LONGEST_S = 366 * 86_400;

const everyS = (at: At): number => number(at, 0.01, LONGEST_S);

const kindOf = (at: At): SceneKind => {
  if (typeof at.value !== 'object' || at.value === null) return wrong(at, 'an object');
  return oneOf({ value: (at.value as { kind?: unknown }).kind, path: `${at.path}/kind` }, KINDS);
};

export const readScene = (at: At): Scene => {
  const kind = kindOf(at);
  const field = fields(at, [...TIMED, ...OWN[kind]]);
  const timed = {
    afterS: number(field('afterS'), 0, LONGEST_S),
    // New firmware stays; everything else ends.
    forS: kind === 'firmware' ? 0 : number(field('forS'), 1, LONGEST_S),
  };
  switch (kind) {
    case 'power-cut': {
      const { stepS = 2 } = optional('stepS', field('stepS'), (one) => number(one, 0, 3_600));
      return { kind, ...timed, feeder: id(field('feeder')), stepS };
    }
    case 'brown-out':
      return { kind, ...timed, feeder: id(field('feeder')), share: number(field('share'), 0.5, 1) };
    case 'network-outage':
      return { kind, ...timed, site: id(field('site')) };
    case 'heat-wave':
      return { kind, ...timed, excessC: number(field('excessC'), 0, 15) };
    case 'cloudburst':
      return { kind, ...timed, mm: number(field('mm'), 1, 400) };
    case 'clock-jump':
      return { kind, ...timed, equipment: id(field('equipment')), byS: number(field('byS'), -1e9, 1e9) };
    case 'clock-skew': {
      const sPerHour = number(field('sPerHour'), -3_600, 3_600);
      return { kind, ...timed, equipment: id(field('equipment')), sPerHour };
    }
    case 'firmware':
      return { kind, ...timed, model: text(field('model')), firmware: text(field('firmware')) };
    case 'flapping':
      return { kind, ...timed, site: id(field('site')), everyS: everyS(field('everyS')) };
    case 'resending':
      return { kind, ...timed, site: id(field('site')), share: number(field('share'), 0, 1) };
    case 'disorder': {
      const lateS = number(field('lateS'), 0.01, 3_600);
      return { kind, ...timed, site: id(field('site')), share: number(field('share'), 0, 1), lateS };
    }
    case 'reboots':
      return { kind, ...timed, equipment: id(field('equipment')), everyS: everyS(field('everyS')) };
    case 'chatter':
      return {
        kind,
        ...timed,
        equipment: id(field('equipment')),
        code: id(field('code')),
        everyS: everyS(field('everyS')),
      };
  }
};

export const readChanceScenes = (at: At): ChanceScenes => {
  const field = fields(at, ['afterS', 'everyS', 'forS', 'kinds']);
  const kinds = field('kinds');
  if (!Array.isArray(kinds.value) || kinds.value.length === 0)
    return wrong(kinds, `a list of ${CHANCE_SCENES.join(', ')}`);
  return {
    afterS: number(field('afterS'), 0, LONGEST_S),
    everyS: range(field('everyS'), 1, LONGEST_S),
    forS: range(field('forS'), 1, LONGEST_S),
    kinds: kinds.value.map((value, index) => oneOf({ value, path: `${kinds.path}/${index}` }, CHANCE_SCENES)),
  };
};
