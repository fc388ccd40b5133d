import { readFileSync } from 'node:fs';
import type { Static } from 'typebox';
import type { Catalogue as CatalogueShape } from '../../api/contract/schemas.ts';
import type { Catalogue, EquipmentClass, Fault, Item, Signal } from '../../core/fault/catalogue.ts';

const read = <T>(file: string): readonly T[] =>
  JSON.parse(readFileSync(new URL(`../../catalogue/${file}`, import.meta.url), 'utf8')) as readonly T[];

const items = read<Item>('items.json');
const classes = read<EquipmentClass>('classes.json');
const faults = read<Fault>('faults.json');
const signals = read<Signal>('signals.json');

export const catalogue: Catalogue = {
  items: new Map(items.map((one) => [one.id, one])),
  classes: new Map(classes.map((one) => [one.id, one])),
  faults: new Map(faults.map((one) => [one.code, one])),
  signals: new Map(signals.map((one) => [one.metric, one])),
};

/** As GET /catalogue gives it. */
export const catalogueView = {
  items,
  classes,
  faults,
  signals: signals.map(({ metric, item, unit, name, limits, counter, state }) => ({
    metric,
    item,
    unit,
    name,
    limits: limits ?? [],
    kind: counter ? 'counter' : state ? 'state' : 'level',
  })),
} as unknown as Static<typeof CatalogueShape>;
