import { classOf } from '../../core/fault/catalogue.ts';
import { aircon } from './aircon.ts';
import { fridge, inverterFridge } from './fridge.ts';
import { kettle } from './kettle.ts';
import type { ApplianceKind } from './kind.ts';
import { oven } from './oven.ts';
import { ricecooker } from './ricecooker.ts';
import { washer } from './washer.ts';

/** What is simulated: classes of catalogue/classes.json, a fridge in two kinds; each with a model that stands for it. */
export const APPLIANCES: readonly {
  readonly id: string;
  readonly model: string;
  readonly kind: ApplianceKind;
}[] = [
  { id: 'fridge', model: 'fridge-300', kind: fridge },
  { id: 'fridge-inverter', model: 'fridge-300i', kind: inverterFridge },
  { id: 'aircon', model: 'aircon-35', kind: aircon },
  { id: 'washer', model: 'washer-8', kind: washer },
  { id: 'oven', model: 'oven-60', kind: oven },
  { id: 'ricecooker', model: 'ricecooker-20', kind: ricecooker },
  { id: 'kettle', model: 'kettle-17', kind: kettle },
];

/** A fridge whose model ends in `i` (`fridge-300i`) has an inverter. */
const INVERTER = /i$/;

/** The kind of an appliance of this model; null where the class isn't simulated. */
export const applianceKind = (model: string): ApplianceKind | null => {
  const name = classOf(model);
  if (name === 'fridge' && INVERTER.test(model)) return inverterFridge;
  return APPLIANCES.find(({ id }) => id === name)?.kind ?? null;
};
