import type { Words } from '../../core/fault/catalogue.ts';
import { HABITS, type HabitsName } from '../calendar/people.ts';
import { simulates } from '../create.ts';
import type { Tier } from '../machine.ts';
import {
  type At,
  fields,
  id,
  isGiven,
  number,
  oneOf,
  optional,
  range,
  text,
  whole,
  words,
  wrong,
} from './read.ts';

export interface TownMachine {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly name: Words;
  readonly tier: Tier;
  /** Years of use behind it: old machines begin to wear sooner, where wears come by hazard. */
  readonly ageYears: number;
  /** Garages: how many bays (default: the model's), and who uses them (default: the site's people). */
  readonly bays?: number;
  readonly people?: HabitsName;
  /** Garages: stops that the attendant clears, in a month by the clock. Default 0. */
  readonly stopsPerMonth?: number;
  /** Seconds between two things that happen in one unit while the town lives fast: from, to. */
  readonly fastPauseS: readonly [number, number];
}

export const OLDEST_YEARS = 60;
const DEFAULT_FAST_PAUSE_S = [4, 6] as const;

export const people = (at: At): HabitsName => oneOf(at, Object.keys(HABITS) as HabitsName[]);

export const model = (at: At): string =>
  simulates(text(at)) ? text(at) : wrong(at, 'a model that is simulated, such as PSH-7 or fridge-300');

export const tier = (at: At): Tier => whole(at, 1, 3) as Tier;
export const fastPauseS = (at: At): readonly [number, number] => range(at, 0.001, 3_600);

export const readMachine = (at: At): TownMachine => {
  const field = fields(at, [
    'id',
    'site',
    'model',
    'name',
    'tier',
    'ageYears',
    'bays',
    'people',
    'stopsPerMonth',
    'fastPauseS',
  ]);
  return {
    id: id(field('id')),
    site: id(field('site')),
    model: model(field('model')),
    name: words(field('name')),
    tier: isGiven(field('tier')) ? tier(field('tier')) : 3,
    ageYears: isGiven(field('ageYears')) ? number(field('ageYears'), 0, OLDEST_YEARS) : 5,
    fastPauseS: isGiven(field('fastPauseS')) ? fastPauseS(field('fastPauseS')) : DEFAULT_FAST_PAUSE_S,
    ...optional('bays', field('bays'), (one) => whole(one, 1, 200)),
    ...optional('people', field('people'), people),
    ...optional('stopsPerMonth', field('stopsPerMonth'), (one) => number(one, 0, 1_000)),
  };
};
