import type { Timers } from '../../time/timers.ts';
import type { Resident } from './resident.ts';

/** Readings worked out in one go, before other work in this process gets its turn. */
const CHUNK = 500;

const breathe = (timers: Timers): Promise<void> => new Promise((resolve) => timers.soon(resolve));

/**
 * Tells what happened to a machine until `untilMs`, as one would who kept its memory and now uploads it: in order,
 * as many readings to a message as the contract allows, no faster than the service acknowledges.
 */
export const tellPast = async (
  { machine, link, voice, say }: Resident,
  untilMs: number,
  timers: Timers,
  signal: AbortSignal,
): Promise<void> => {
  while (machine.nextAtMs() <= untilMs && !signal.aborted) {
    for (let told = 0; told < CHUNK && machine.nextAtMs() <= untilMs; ) {
      const emissions = machine.step();
      say(emissions, null);
      told += Math.max(1, emissions.length);
    }
    await breathe(timers);
    await link.room();
  }
  voice.flush();
  await link.drained();
};
