import type { Severity } from '../alert/alert.ts';

/** A text on screen, written in both languages. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** A maintainable item (ISO 14224): coarse enough that one visit mends it. */
export interface Item {
  readonly id: string;
  readonly kind: 'garage' | 'appliance' | 'both';
  readonly name: Words;
}

/** A class of equipment. A model `PSH-7` is of class `PSH`: the part before the first dash. */
export interface EquipmentClass {
  readonly id: string;
  readonly kind: 'garage' | 'appliance';
  readonly name: Words;
}

export interface Fault {
  readonly code: string;
  readonly item: string;
  readonly severity: Exclude<Severity, 'watch'>;
  /** Who goes first: a crew at once, or the attendant on site, and a crew when it isn't cleared in time. */
  readonly response: 'crew' | 'attendant';
  readonly name: Words;
  readonly feels: Words;
  readonly remedy: Words;
}

export interface LimitRule {
  readonly side: 'high' | 'low';
  /** Alarm at or beyond this value… */
  readonly at: number;
  /** …until the value is back at or inside this one (hysteresis). */
  readonly clear: number;
  /** …after it lasted this long. */
  readonly holdMs: number;
  readonly severity: Exclude<Severity, 'watch'>;
}

/** A signal: which item it tells about, and what is a limit for it. */
export interface Signal {
  readonly metric: string;
  readonly item: string;
  readonly unit: string;
  readonly name: Words;
  readonly limits?: readonly LimitRule[];
  /** Alarm where the level leaves the series' own normal by this ratio (1.15: 15 % above; 0.85: below). */
  readonly shift?: { readonly side: 'high' | 'low' | 'both'; readonly ratio: number };
  /** A trend is extrapolated to this limit: an absolute value, or a ratio of the series' own normal. */
  readonly drift?:
    | { readonly side: 'high' | 'low'; readonly at: number }
    | { readonly side: 'high' | 'low'; readonly ratio: number };
  /** Only ever grows: never judged by its level. */
  readonly counter?: boolean;
  /** What it can change by in a second at most, by physics; of a counter: what it can count at most. */
  readonly maxPerS?: number;
  /** Where the signal ends: at or beyond these a value may stand still without being stuck. */
  readonly range?: { readonly low?: number; readonly high?: number };
  /** An operating state or condition: never judged by its level. */
  readonly state?: boolean;
}

/** What is known about equipment before any of it was heard: files that a user can edit, see catalogue/. */
export interface Catalogue {
  readonly items: ReadonlyMap<string, Item>;
  readonly classes: ReadonlyMap<string, EquipmentClass>;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly signals: ReadonlyMap<string, Signal>;
}

/** The item of codes and metrics that the catalogue does not know. */
export const UNKNOWN_ITEM = 'controller';

/** `PSH-7` → `PSH`; a model without a dash is its own class. */
export const classOf = (model: string): string => model.split('-', 1)[0] ?? model;

/** The entry of a code; an unknown one is degraded service (S3) of the controller, and says so. */
export const faultOf = (catalogue: Catalogue, code: string): Fault & { readonly known: boolean } => {
  const known = catalogue.faults.get(code);
  if (known) return { ...known, known: true };
  return {
    code,
    item: UNKNOWN_ITEM,
    severity: 'S3',
    response: 'crew',
    name: { en: `unknown code ${code}`, zh: `未知代码 ${code}` },
    feels: { en: 'unknown', zh: '未知' },
    remedy: { en: 'read the controller, add the code to the catalogue', zh: '查看控制器，并将代码补入目录' },
    known: false,
  };
};

export const signalItem = (catalogue: Catalogue, metric: string): string =>
  catalogue.signals.get(metric)?.item ?? UNKNOWN_ITEM;
