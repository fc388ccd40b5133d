import type { BareMachine, Emission, OpenWear, Tier, WearOrder, WearRecord } from '../machine.ts';
import type { Random } from '../random/stream.ts';
import { beginLie, isLie, LIE_KINDS, type Lie, type LieName, retell } from './lie.ts';

/** The machine, able to lie: what it says goes through the lies that are being told. */
export const lying = (bare: BareMachine, tier: Tier, random: Random): BareMachine => {
  const lies = new Map<string, Lie>();

  const through = (said: readonly Emission[]): readonly Emission[] => {
    if (lies.size === 0 || said.length === 0) return said;
    return said.map((one) => {
      let heard = one;
      for (const lie of lies.values()) {
        if (heard.kind === 'reading') heard = retell(lie, heard, random);
        if (lie.jumpMs !== 0) heard = { ...heard, tsMs: heard.tsMs + lie.jumpMs };
      }
      return heard;
    });
  };

  const begin = (name: LieName, order: WearOrder, atMs: number): WearRecord | null => {
    const { unit, metric } = order;
    if (name === 'clockJump' ? unit !== '' : !bare.units.includes(unit))
      throw new Error(`${bare.id} has no unit "${unit}" that could lie by ${name}; the clock is of unit ""`);
    if (name !== 'clockJump' && tier === 1)
      throw new Error(`${bare.id} has no sensors in tier 1; of the lies it knows clockJump only`);
    const key = `${unit}/${name}`;
    if (lies.has(key)) return null;
    const component = LIE_KINDS.find(({ mechanism }) => mechanism === name)?.component ?? 'sensors';
    const record: OpenWear = {
      equipment: bare.id,
      unit,
      component,
      mechanism: name,
      code: '',
      onsetMs: atMs,
      failureMs: null,
      repairedMs: null,
      ...(name === 'clockJump' ? { metric: '' } : metric === undefined ? {} : { metric }),
    };
    lies.set(key, beginLie(name, record, order.lifeCycles, random));
    return record;
  };

  /** Who comes for a lie measures with instruments of their own, whatever the ticket says: any visit ends it. */
  const undeceive = (unit: string, repairedMs: number): void => {
    for (const [key, { record }] of lies) {
      if ((unit !== '' && record.unit !== unit) || record.onsetMs > repairedMs) continue;
      record.repairedMs = repairedMs;
      lies.delete(key);
    }
  };

  return {
    ...bare,
    step: (atMs) => through(bare.step(atMs)),
    begin: (order, atMs) =>
      isLie(order.mechanism) ? begin(order.mechanism, order, atMs) : bare.begin(order, atMs),
    repair: (unit, component, repairedMs, nowMs) => {
      undeceive(unit, repairedMs);
      return through(bare.repair(unit, component, repairedMs, nowMs));
    },
  };
};
