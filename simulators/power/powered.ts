import type { BareMachine, Emission, Machine, Restart, Tempo, Tier } from '../machine.ts';
import type { Random } from '../random/stream.ts';

/** Steps of an appliance in a day: the measure of `lifeCycles` where a machine does not say better. */
const STEPS_PER_DAY = 192;
/** How many controllers keep what they have not sent in flash; the others in memory that goes with the power. */
const KEEPING = 0.4;

/** The machine on its mains, with firmware that can change. */
export const powered = (bare: BareMachine, tier: Tier, random: Random): Machine => {
  const keepsUnsent = random() < KEEPING;
  let { firmware } = bare;
  let tempo: Tempo = { kind: 'clock' };
  let isOn = true;
  /** Codes that fell while nobody could be told. */
  let untold: Emission[] = [];

  const restart = (atMs: number): Restart => {
    // What would have happened meanwhile did not: people went elsewhere.
    bare.setTempo(tempo, atMs);
    const fallen = untold.map((one) => ({ ...one, tsMs: atMs }));
    untold = [];
    return { firmware, emissions: [...fallen, ...(bare.restarted?.(atMs) ?? [])] };
  };

  return {
    ...bare,
    get firmware() {
      return firmware;
    },
    tier,
    mechanismsOf: (unit) => bare.mechanismsOf?.(unit) ?? bare.mechanisms,
    cyclesPerDay: (unit, mechanism) => bare.cyclesPerDay?.(unit, mechanism) ?? STEPS_PER_DAY,
    incidents: bare.incidents ?? [],
    nextAtMs: () => (isOn ? bare.nextAtMs() : Number.POSITIVE_INFINITY),
    step: (atMs) => (isOn ? bare.step(atMs) : []),
    setTempo: (to, atMs) => {
      tempo = to;
      bare.setTempo(to, atMs);
    },
    repair: (unit, component, repairedMs, nowMs) => {
      const said = bare.repair(unit, component, repairedMs, nowMs);
      if (isOn) return said;
      untold.push(...said);
      return [];
    },
    powerLost: (atMs) => {
      if (!isOn) return { emissions: [], keepsUnsent };
      const emissions = bare.interrupted?.(atMs) ?? [];
      isOn = false;
      return { emissions, keepsUnsent };
    },
    powerBack: (atMs) => {
      if (isOn) return null;
      isOn = true;
      return restart(atMs);
    },
    update: (to, atMs) => {
      if (!isOn) return null;
      firmware = to;
      return restart(atMs);
    },
  };
};
