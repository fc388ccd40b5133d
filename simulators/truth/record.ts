import type { SceneRecord } from '../environment/record.ts';
import type { OpenWear, WearOrder, WearRecord } from '../machine.ts';

export const openWear = (
  equipment: string,
  order: WearOrder,
  component: string,
  code: string,
  onsetMs: number,
): OpenWear => ({
  equipment,
  unit: order.unit,
  component,
  mechanism: order.mechanism,
  code,
  onsetMs,
  failureMs: null,
  repairedMs: null,
});

/** Whether this repair ends this wear: one of its items, and not done before the wear began. */
export const mends = (
  wear: WearRecord,
  items: readonly string[],
  component: string,
  repairedMs: number,
): boolean => items.includes(component) && wear.onsetMs <= repairedMs;

/** What a truth file holds. */
export interface Truth {
  readonly seed: number;
  readonly scenario: string;
  readonly wears: readonly WearRecord[];
  /** What befell the town and was no wear: power cuts, outages, heat waves. */
  readonly scenes: readonly SceneRecord[];
}
