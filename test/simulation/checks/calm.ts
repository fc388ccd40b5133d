import { isFinal } from '../../../core/ticket/step.ts';
import type { Run } from '../simulate.ts';
import type { Findings } from './check.ts';
import type { Found } from './found.ts';
import { ticketsOf } from './tickets.ts';

/** What must not depend on what went wrong: who measured what, what was ticketed, and that it is over. */
export type Result = ReadonlyMap<string, string>;

export const resultOf = ({ plan, town }: Run, { tickets, readings, equipment }: Found): Result => {
  const of = new Map<string, string>();
  for (const episode of plan.episodes)
    if (episode.kind !== 'blip' && !town.isDead(episode.equipment)) {
      const own = ticketsOf(plan, tickets, episode);
      of.set(`ticket of ${episode.id}`, own.map(({ state }) => (isFinal(state) ? 'over' : state)).join(', '));
    }
  for (const machine of town.machines.keys()) {
    if (town.isDead(machine)) continue;
    const own = readings.filter((reading) => reading.equipment === machine);
    const seqs = own.map(({ unit, tsMs, seq }) => `${unit}@${tsMs}#${seq}`).sort();
    of.set(`readings of ${machine}`, `${own.length} ending ${seqs.at(-1)}`);
    of.set(`state of ${machine}`, equipment.find(({ id }) => id === machine)?.online ?? 'missing');
  }
  return of;
};

/** The disturbed run came to the same as the undisturbed one. */
export const sameAsCalm = (calm: Result, disturbed: Result): Findings =>
  [...disturbed].flatMap(([what, is]) =>
    calm.get(what) === is ? [] : [`${what}: ${is}; undisturbed: ${calm.get(what)}`],
  );
