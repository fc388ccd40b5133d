import { readFile } from 'node:fs/promises';
import type { Words } from '../../core/fault/catalogue.ts';
import type { HabitsName } from '../calendar/people.ts';
import { CLIMATES, type ClimateName } from '../environment/climate.ts';
import { checkTogether } from './check.ts';
import { expandGroups, readGroup } from './group.ts';
import { people, readMachine, type TownMachine } from './machine.ts';
import {
  type At,
  fields,
  id,
  isGiven,
  list,
  number,
  oneOf,
  optional,
  range,
  text,
  timeZone,
  whole,
  words,
} from './read.ts';
import { type ChanceScenes, readChanceScenes, readScene, type Scene } from './scene.ts';

export type { TownMachine };

export interface TownSite {
  readonly id: string;
  readonly name: Words;
  /** WGS-84 degrees. */
  readonly position: { readonly lat: number; readonly lon: number };
  readonly timeZone: string;
  /** What it is: how its garages are used. */
  readonly kind: HabitsName;
  readonly climate: ClimateName;
  /** Sites of one feeder lose their mains together. Default: the site's own. */
  readonly feeder: string;
}

/** A wear or a lie that begins `afterS` seconds into the live part. */
export interface TownWear {
  readonly equipment: string;
  readonly unit: string;
  readonly mechanism: string;
  readonly afterS: number;
  /** Cycles at rated load from onset to failure. */
  readonly lifeCycles: number;
  /** Lies only: which metric isn't true. */
  readonly metric?: string;
}

/** Wears that begin by chance, drawn from the seed, so that the town stays alive. */
export interface ChanceWears {
  readonly afterS: number;
  readonly everyS: readonly [number, number];
  /** At most so many at once, the planned ones included. */
  readonly atOnce: number;
  readonly lifeCycles: readonly [number, number];
}

/** Wears that begin as often as in life, by each machine's age, only so many times faster. */
export interface HazardWears {
  /** A second of the town is so many of use. */
  readonly speed: number;
  readonly lifeCycles: readonly [number, number];
}

export interface Town {
  readonly name: Words;
  /** What to expect of it, for who starts it. */
  readonly about: Words;
  readonly pastDays: number;
  /** `fast`: something happens all the time. `clock`: as people live. */
  readonly pace: 'fast' | 'clock';
  readonly sites: readonly TownSite[];
  readonly machines: readonly TownMachine[];
  readonly wears: readonly TownWear[];
  readonly chance: ChanceWears | null;
  readonly hazard: HazardWears | null;
  readonly scenes: readonly Scene[];
  readonly chanceScenes: ChanceScenes | null;
}

const MOST = 10_000;

/** A name in both languages as one text, for where one text is asked for. */
export const bothWords = ({ en, zh }: Words): string => (en === zh ? en : `${zh} ${en}`);

const readSite = (at: At): TownSite => {
  const field = fields(at, ['id', 'name', 'position', 'timeZone', 'kind', 'climate', 'feeder']);
  const position = fields(field('position'), ['lat', 'lon']);
  const climates = Object.keys(CLIMATES) as ClimateName[];
  return {
    id: id(field('id')),
    name: words(field('name')),
    position: { lat: number(position('lat'), -90, 90), lon: number(position('lon'), -180, 180) },
    timeZone: timeZone(field('timeZone')),
    kind: people(field('kind')),
    climate: isGiven(field('climate')) ? oneOf(field('climate'), climates) : 'subtropical',
    feeder: isGiven(field('feeder')) ? id(field('feeder')) : id(field('id')),
  };
};

const readWear = (at: At): TownWear => {
  const field = fields(at, ['equipment', 'unit', 'mechanism', 'afterS', 'lifeCycles', 'metric']);
  const unit = field('unit');
  return {
    equipment: id(field('equipment')),
    unit: unit.value === '' || unit.value === undefined ? '' : id(unit),
    mechanism: text(field('mechanism')),
    afterS: number(field('afterS'), 0, 1e9),
    lifeCycles: number(field('lifeCycles'), 1, 1e9),
    ...optional('metric', field('metric'), text),
  };
};

const readChance = (at: At): ChanceWears => {
  const field = fields(at, ['afterS', 'everyS', 'atOnce', 'lifeCycles']);
  return {
    afterS: number(field('afterS'), 0, 1e9),
    everyS: range(field('everyS'), 1, 1e9),
    atOnce: whole(field('atOnce'), 1, 1_000),
    lifeCycles: range(field('lifeCycles'), 1, 1e9),
  };
};

const readHazard = (at: At): HazardWears => {
  const field = fields(at, ['speed', 'lifeCycles']);
  return { speed: number(field('speed'), 0.001, 1e9), lifeCycles: range(field('lifeCycles'), 1, 1e9) };
};

const orNull = <T>(at: At, read: (at: At) => T): T | null => (isGiven(at) ? read(at) : null);
const orNone = <T>(at: At, most: number, read: (at: At) => T): readonly T[] =>
  isGiven(at) ? list(at, most, read) : [];

/** Checks a town. Throws an Error that says where it is wrong and what would be right. */
export const checkTown = (value: unknown): Town => {
  const field = fields({ value, path: '' }, [
    'name',
    'about',
    'pastDays',
    'pace',
    'sites',
    'machines',
    'groups',
    'wears',
    'chance',
    'hazard',
    'scenes',
    'chanceScenes',
  ]);
  const sites = list(field('sites'), MOST, readSite);
  const listed = orNone(field('machines'), MOST, readMachine);
  const groups = orNone(field('groups'), MOST, readGroup);
  const town: Town = {
    name: words(field('name')),
    about: words(field('about')),
    pastDays: number(field('pastDays'), 0, 3_660),
    pace: isGiven(field('pace')) ? oneOf(field('pace'), ['fast', 'clock']) : 'fast',
    sites,
    machines: [...listed, ...expandGroups(groups, sites)],
    wears: orNone(field('wears'), MOST, readWear),
    chance: orNull(field('chance'), readChance),
    hazard: orNull(field('hazard'), readHazard),
    scenes: orNone(field('scenes'), MOST, readScene),
    chanceScenes: orNull(field('chanceScenes'), readChanceScenes),
  };
  checkTogether(town);
  return town;
};

const TOWNS = new URL('../towns/', import.meta.url);
/** The towns that come with it, by name. */
export const TOWN_NAMES = ['demo', 'district', 'worst-day', 'quiet'] as const;
const isName = (name: string): boolean => (TOWN_NAMES as readonly string[]).includes(name);

/**
 * Reads a town: one of `TOWN_NAMES`, or a file. Throws an Error that names the file, the place in it and the mend.
 */
export const loadTown = async (nameOrFile = 'demo'): Promise<Town> => {
  const file = isName(nameOrFile) ? new URL(`${nameOrFile}.json`, TOWNS) : nameOrFile;
  const name = file instanceof URL ? file.pathname : file;
  const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(
      `town ${name}: can't be read (${cause.code}); give a file, or one of ${TOWN_NAMES.join(', ')}`,
    );
  });
  try {
    return checkTown(JSON.parse(content));
  } catch (error) {
    throw new Error(`town file ${name}: ${(error as Error).message}`);
  }
};
