import { readFile } from 'node:fs/promises';
import { EQUIPMENT_ID } from '../../core/telemetry/limits.ts';
import { HABITS, type HabitsName } from '../calendar/people.ts';
import { simulates } from '../create.ts';

export interface TownSite {
  readonly id: string;
  readonly name: string;
  /** WGS-84 degrees. */
  readonly position: { readonly lat: number; readonly lon: number };
  readonly timeZone: string;
}

export interface TownMachine {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly name: string;
  /** Garages: how many bays, and who uses them. */
  readonly bays?: number;
  readonly people?: HabitsName;
  /** Seconds between two things that happen in one unit while the town lives fast: from, to. */
  readonly fastPauseS: readonly [number, number];
}

/** A wear that begins `afterS` seconds into the live part. */
export interface TownWear {
  readonly equipment: string;
  readonly unit: string;
  readonly mechanism: string;
  readonly afterS: number;
  /** Cycles at rated load from onset to failure. */
  readonly lifeCycles: number;
}

/** Wears that begin by chance, drawn from the seed, so that the town stays alive. */
export interface ChanceWears {
  readonly afterS: number;
  readonly everyS: readonly [number, number];
  /** At most so many at once, the planned ones included. */
  readonly atOnce: number;
  readonly lifeCycles: readonly [number, number];
}

export interface Town {
  readonly name: string;
  readonly pastDays: number;
  readonly sites: readonly TownSite[];
  readonly machines: readonly TownMachine[];
  readonly wears: readonly TownWear[];
  readonly chance: ChanceWears | null;
}

/** The town of `precall demo`. */
export const DEMO_TOWN = new URL('../towns/demo.json', import.meta.url);

/** A reader of one JSON value that knows where it is, so that an error can say so. */
interface At {
  readonly value: unknown;
  readonly path: string;
}

const wrong = ({ path }: At, expected: string): never => {
  throw new Error(`${path || 'the file'}: must be ${expected}`);
};

const fields = (at: At, known: readonly string[]): ((name: string) => At) => {
  const { value, path } = at;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(at, 'an object');
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new Error(`${path}/${name}: unknown; known are ${known.join(', ')}`);
  }
  return (name) => ({ value: (value as Record<string, unknown>)[name], path: `${path}/${name}` });
};

const text = (at: At): string =>
  typeof at.value === 'string' && at.value.length > 0 && at.value.length <= 200
    ? at.value
    : wrong(at, 'a text of 1 to 200 characters');

const id = (at: At): string =>
  typeof at.value === 'string' && EQUIPMENT_ID.test(at.value)
    ? at.value
    : wrong(at, '1 to 64 of the letters A–Z a–z, digits, _ and -');

const number = (at: At, low: number, high: number): number =>
  typeof at.value === 'number' && at.value >= low && at.value <= high
    ? at.value
    : wrong(at, `a number from ${low} to ${high}`);

const range = (at: At, low: number, high: number): readonly [number, number] => {
  if (!Array.isArray(at.value) || at.value.length !== 2) return wrong(at, 'a pair [from, to]');
  const from = number({ value: at.value[0], path: `${at.path}/0` }, low, high);
  return [from, number({ value: at.value[1], path: `${at.path}/1` }, from, high)];
};

const list = <T>(at: At, most: number, read: (entry: At) => T): readonly T[] => {
  if (!Array.isArray(at.value) || at.value.length > most)
    return wrong(at, `a list of at most ${most} entries`);
  return at.value.map((value: unknown, index) => read({ value, path: `${at.path}/${index}` }));
};

const timeZone = (at: At): string => {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: text(at) }).resolvedOptions().timeZone;
  } catch {
    return wrong(at, 'an IANA time zone such as Asia/Shanghai');
  }
};

const readSite = (at: At): TownSite => {
  const field = fields(at, ['id', 'name', 'position', 'timeZone']);
  const position = fields(field('position'), ['lat', 'lon']);
  return {
    id: id(field('id')),
    name: text(field('name')),
    position: { lat: number(position('lat'), -90, 90), lon: number(position('lon'), -180, 180) },
    timeZone: timeZone(field('timeZone')),
  };
};

const people = (at: At): HabitsName =>
  typeof at.value === 'string' && Object.hasOwn(HABITS, at.value)
    ? (at.value as HabitsName)
    : wrong(at, `one of ${Object.keys(HABITS).join(', ')}`);

const model = (at: At): string =>
  simulates(text(at)) ? text(at) : wrong(at, 'a model that is simulated, such as PSH-7 or fridge-300');

const readMachine = (at: At): TownMachine => {
  const field = fields(at, ['id', 'site', 'model', 'name', 'bays', 'people', 'fastPauseS']);
  const bays = field('bays');
  const use = field('people');
  return {
    id: id(field('id')),
    site: id(field('site')),
    model: model(field('model')),
    name: text(field('name')),
    fastPauseS: range(field('fastPauseS'), 0.001, 3600),
    ...(bays.value === undefined ? {} : { bays: number(bays, 1, 200) }),
    ...(use.value === undefined ? {} : { people: people(use) }),
  };
};

const readWear = (at: At): TownWear => {
  const field = fields(at, ['equipment', 'unit', 'mechanism', 'afterS', 'lifeCycles']);
  const unit = field('unit');
  return {
    equipment: id(field('equipment')),
    unit: unit.value === '' || unit.value === undefined ? '' : id(unit),
    mechanism: text(field('mechanism')),
    afterS: number(field('afterS'), 0, 1e9),
    lifeCycles: number(field('lifeCycles'), 1, 1e9),
  };
};

const readChance = (at: At): ChanceWears | null => {
  if (at.value === null || at.value === undefined) return null;
  const field = fields(at, ['afterS', 'everyS', 'atOnce', 'lifeCycles']);
  return {
    afterS: number(field('afterS'), 0, 1e9),
    everyS: range(field('everyS'), 1, 1e9),
    atOnce: number(field('atOnce'), 1, 1000),
    lifeCycles: range(field('lifeCycles'), 1, 1e9),
  };
};

const unique = (what: string, ids: readonly string[]): void => {
  const seen = new Set<string>();
  for (const one of ids) {
    if (seen.has(one)) throw new Error(`/${what}: ${one} stands twice; keep one`);
    seen.add(one);
  }
};

/** Checks a town. Throws an Error that says where it is wrong and what would be right. */
export const checkTown = (value: unknown): Town => {
  const field = fields({ value, path: '' }, ['name', 'pastDays', 'sites', 'machines', 'wears', 'chance']);
  const town: Town = {
    name: text(field('name')),
    pastDays: number(field('pastDays'), 0, 3660),
    sites: list(field('sites'), 10_000, readSite),
    machines: list(field('machines'), 10_000, readMachine),
    wears: list(field('wears'), 10_000, readWear),
    chance: readChance(field('chance')),
  };
  const sites = town.sites.map((site) => site.id);
  const machines = town.machines.map((machine) => machine.id);
  unique('sites', sites);
  unique('machines', machines);
  for (const { id: machine, site } of town.machines) {
    if (!sites.includes(site))
      throw new Error(`/machines: ${machine} stands at ${site}, which /sites does not list`);
  }
  for (const { equipment } of town.wears) {
    if (!machines.includes(equipment)) throw new Error(`/wears: ${equipment} is not one of /machines`);
  }
  return town;
};

/** Reads a town file. Throws an Error that names the file and the mend. */
export const loadTown = async (file: URL | string = DEMO_TOWN): Promise<Town> => {
  const name = file instanceof URL ? file.pathname : file;
  try {
    return checkTown(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Error(`town file ${name}: ${(error as Error).message}`);
  }
};
