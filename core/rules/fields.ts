import type { Parameters } from './parameters.ts';

/** What may stand in the rules file for a parameter, and what it does. */
export type Field = SwitchField | NumberField | DurationField;
export interface SwitchField {
  readonly kind: 'switch';
  readonly meaning: string;
}
export interface NumberField {
  readonly kind: 'number';
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
  readonly meaning: string;
}
export interface DurationField {
  readonly kind: 'duration';
  readonly leastMs: number;
  readonly mostMs: number;
  readonly meaning: string;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400 * SECOND_MS;

const whether = (meaning: string): SwitchField => ({ kind: 'switch', meaning });
const number = (least: number, most: number, meaning: string): NumberField => ({
  kind: 'number',
  least,
  most,
  isWhole: false,
  meaning,
});
const count = (least: number, most: number, meaning: string): NumberField => ({
  ...number(least, most, meaning),
  isWhole: true,
});
const duration = (leastMs: number, mostMs: number, meaning: string): DurationField => ({
  kind: 'duration',
  leastMs,
  mostMs,
  meaning,
});

type FieldOf<Name, Value> = Value extends boolean
  ? SwitchField
  : Name extends `${string}Ms`
    ? DurationField
    : NumberField;

/** One entry for every parameter: a new one does not compile until its bounds stand here. */
export const FIELDS: {
  readonly [Section in keyof Parameters]: {
    readonly [Name in keyof Parameters[Section]]: FieldOf<Name, Parameters[Section][Name]>;
  };
} = {
  level: {
    on: whether('the level leaves what is normal for this hour and weekday, or this point of the cycle'),
    sigmas: number(1, 100, 'how far beyond its own noise a lasting shift must be, in standard deviations'),
  },
  spread: {
    on: whether('the spread around the level grows, or dies'),
    ratio: number(1.1, 1_000, 'alarm where the spread is so many times its normal'),
  },
  drift: {
    on: whether('a trend meets its limit: remaining useful life'),
    horizonMs: duration(60 * MINUTE_MS, 365 * DAY_MS, 'a limit met within this is worth a ticket'),
  },
  stuck: {
    on: whether('a value that moved does not move any more while the machine works'),
    forMs: duration(SECOND_MS, 365 * DAY_MS, 'for so long'),
  },
  rate: {
    on: whether('a value changes faster than it ever did, and faster than its signal can'),
    sigmas: number(1, 1_000, 'by so many standard deviations of its usual steps'),
  },
  counter: { on: whether('a counter goes back, leaps, or stands still while the machine works') },
  noData: {
    on: whether('nothing is heard'),
    intervals: number(2, 100_000, 'for so many of its usual intervals'),
    leastMs: duration(SECOND_MS, 365 * DAY_MS, 'and at least this long'),
  },
  codeRate: {
    on: whether('harmless codes come unusually often'),
    chance: number(1e-12, 0.1, 'so much rarer than this by chance'),
  },
  peers: {
    on: whether('differs from machines of the same model that do the same work'),
    least: count(3, 10_000, 'so many of them are needed to compare with'),
    sigmas: number(1, 1_000, 'by so many of their standard deviations'),
  },
  joint: {
    on: whether('all metrics of a unit together leave their normal, or do what they never did'),
  },
};

/** These judge a machine, or a unit, as a whole: an override for a metric changes nothing for them. */
export const WHOLE: readonly (keyof Parameters)[] = ['noData', 'codeRate'];

/** A name as it is written in the file: `noData` → `no-data`, `forMs` → `for`. */
export const fileKey = (name: string): string =>
  name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Sections and their fields, in order. */
export const sections = (): readonly (readonly [
  section: string,
  fields: readonly (readonly [name: string, field: Field])[],
])[] =>
  Object.entries(FIELDS).map(([section, fields]) => [
    section,
    Object.entries(fields as Record<string, Field>),
  ]);
