import { signal } from '@preact/signals';
import type { Static } from 'typebox';
import type { Catalogue } from '../../api/contract/schemas.ts';
import { get } from './http.ts';

export type CatalogueView = Static<typeof Catalogue>;

/** Names of parts, classes and signals; null until loaded. Pages work without it, with fewer words. */
export const catalogue = signal<CatalogueView | null>(null);

let asked = false;
export const loadCatalogue = async (): Promise<void> => {
  if (asked) return;
  asked = true;
  const answer = await get<CatalogueView>('/catalogue');
  if (answer.ok) catalogue.value = answer.value;
  else asked = false;
};

/** Counters and operating states are never judged by their level; they stand aside. */
export const isQuietSignal = (metric: string): boolean => {
  const kind = catalogue.value?.signals.find((one) => one.metric === metric)?.kind;
  return kind === 'counter' || kind === 'state';
};

export const isAppliance = (equipmentClass: string): boolean =>
  catalogue.value?.classes.find((one) => one.id === equipmentClass)?.kind === 'appliance';
