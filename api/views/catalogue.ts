import type { Catalogue } from '../../core/fault/catalogue.ts';
import type { CatalogueView } from '../contract/schemas.ts';

/** What screens need to name things: in the order of the files. */
export const catalogueView = (catalogue: Catalogue): CatalogueView => ({
  items: [...catalogue.items.values()].map((item) => ({ ...item, name: { ...item.name } })),
  classes: [...catalogue.classes.values()].map((entry) => ({ ...entry, name: { ...entry.name } })),
  faults: [...catalogue.faults.values()].map((fault) => ({ ...fault })),
  signals: [...catalogue.signals.values()].map(({ metric, item, unit, name, limits, counter, state }) => ({
    metric,
    item,
    unit,
    name,
    limits: (limits ?? []).map((limit) => ({ ...limit })),
    kind: counter ? 'counter' : state ? 'state' : 'level',
  })),
});
