import { createMachine } from '../create.ts';
import { createLink, type Link } from '../link/link.ts';
import type { Meter } from '../link/meter.ts';
import { createRepairLog, parseRepair } from '../link/service.ts';
import { createVoice, type Voice } from '../link/voice.ts';
import type { Machine } from '../machine.ts';
import { stream } from '../random/stream.ts';
import type { Town, TownMachine } from './file.ts';

/** A machine of the town and its connection. */
export interface Resident {
  readonly machine: Machine;
  readonly link: Link;
  readonly voice: Voice;
  readonly fastPauseMs: readonly [number, number];
}

export interface Surroundings {
  readonly url: string;
  /** The secret of an equipment; null: none, for a service that takes unknown equipment. */
  readonly secretOf: (id: string) => string | null;
  readonly clock: () => number;
  readonly seed: number;
  readonly fromMs: number;
  readonly speed: number;
  readonly meter: Meter;
}

const WINDOW = 8;
/** Some hours of a garage's readings. */
const QUEUE = 5_000;

const settle = (town: Town, entry: TownMachine): { timeZone: string } => {
  const site = town.sites.find(({ id }) => id === entry.site);
  if (!site) throw new Error(`${entry.id} stands at ${entry.site}, which the town does not have`);
  return { timeZone: site.timeZone };
};

/** Builds a machine, connects it and lets it hear of its repairs. */
export const moveIn = (town: Town, entry: TownMachine, around: Surroundings): Resident => {
  const { clock, seed, fromMs, speed, meter } = around;
  const machine = createMachine({
    ...settle(town, entry),
    id: entry.id,
    site: entry.site,
    model: entry.model,
    seed,
    fromMs,
    ...(entry.bays === undefined ? {} : { bays: entry.bays }),
    ...(entry.people === undefined ? {} : { people: entry.people }),
  });
  const repairs = createRepairLog();
  const onService = (payload: Uint8Array): void => {
    const repair = parseRepair(payload);
    if (!repair || !repairs.isNew(repair)) return;
    const nowMs = Math.floor(clock());
    for (const emission of machine.repair(repair.unit, repair.component, repair.repairedAtMs, nowMs)) {
      voice.say(emission, null);
    }
    voice.flush();
  };
  const link = createLink({
    url: around.url,
    id: machine.id,
    site: machine.site,
    secret: around.secretOf(machine.id),
    model: machine.model,
    firmware: machine.firmware,
    window: WINDOW,
    queue: QUEUE,
    random: stream(seed, `${machine.id}/link`),
    meter,
    onService,
  });
  const voice = createVoice(link);
  const [from, to] = entry.fastPauseS;
  return { machine, link, voice, fastPauseMs: [(from * 1000) / speed, (to * 1000) / speed] };
};
