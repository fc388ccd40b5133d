/**
 * What a user may set of each detector, for one series or one equipment. The rules file (rules.yaml) gives values
 * for all, and overrides for models, units or metrics; what it does not name is as in `DEFAULTS`.
 */
export interface Parameters {
  /** The level leaves what is normal at this hour of this weekday, or at this point of the machine's cycle. */
  readonly level: {
    readonly on: boolean;
    /** How far beyond its own noise, in standard deviations, a lasting shift must be. */
    readonly sigmas: number;
  };
  /** The spread around the level grows, or dies. */
  readonly spread: {
    readonly on: boolean;
    /** Alarm where the spread is so many times its normal. */
    readonly ratio: number;
  };
  /** A trend that meets its limit: remaining useful life with an interval. */
  readonly drift: {
    readonly on: boolean;
    /** A ticket is worth opening when the limit is met within this. */
    readonly horizonMs: number;
  };
  /** A value that moved, and does not move any more while the machine works. */
  readonly stuck: { readonly on: boolean; readonly forMs: number };
  /** A value that changes faster than it ever did, and faster than its signal can. */
  readonly rate: { readonly on: boolean; readonly sigmas: number };
  /** A counter that goes back, leaps, or stands still while the machine works. */
  readonly counter: { readonly on: boolean };
  /** Nothing is heard: a state of its own, never "resolved". */
  readonly noData: {
    readonly on: boolean;
    /** Silent for so many of its usual intervals… */
    readonly intervals: number;
    /** …and at least this long. */
    readonly leastMs: number;
  };
  /** Harmless codes that come unusually often. */
  readonly codeRate: {
    readonly on: boolean;
    /** So much rarer than this by chance, given the machine's own history and its peers'. */
    readonly chance: number;
  };
  /** Differs from machines of the same model that do the same work. */
  readonly peers: { readonly on: boolean; readonly least: number; readonly sigmas: number };
  /** All metrics of a unit together leave their normal, or do what they never did. Some 100 kB a metric. */
  readonly joint: { readonly on: boolean };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const DEFAULTS: Parameters = {
  level: { on: true, sigmas: 3 },
  spread: { on: true, ratio: 3 },
  drift: { on: true, horizonMs: 14 * DAY_MS },
  stuck: { on: true, forMs: 60 * MINUTE_MS },
  rate: { on: true, sigmas: 8 },
  counter: { on: true },
  noData: { on: true, intervals: 10, leastMs: 5 * MINUTE_MS },
  codeRate: { on: true, chance: 1e-4 },
  peers: { on: true, least: 5, sigmas: 6 },
  joint: { on: false },
};

/** The rules as they hold now, ready to be asked. */
export interface RuleBook {
  /** Names exactly these rules (a hash of them): stands in the evidence of what they raised. */
  readonly version: string;
  /** `metric` null: what concerns the equipment as a whole. `model` null: not known. */
  of(model: string | null, unit: string, metric: string | null): Parameters;
}

export const DEFAULT_BOOK: RuleBook = { version: 'default', of: () => DEFAULTS };
