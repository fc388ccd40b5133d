import type { Timers } from '../../time/timers.ts';
import { createMachine } from '../create.ts';
import { type DisturbedLink, disturbed } from '../link/disturbed.ts';
import { createLink, type Link, type LinkOptions } from '../link/link.ts';
import type { Meter } from '../link/meter.ts';
import { createRepairLog, parseRepair } from '../link/service.ts';
import { createVoice, type Voice } from '../link/voice.ts';
import type { Emission, Machine } from '../machine.ts';
import { stream } from '../random/stream.ts';
import { createDeviceClock, type DeviceClock } from './device-clock.ts';
import type { TownMachine, TownSite } from './file.ts';
import type { Places } from './places.ts';

/** A machine of the town, its clock and its connection. */
export interface Resident {
  readonly machine: Machine;
  readonly site: TownSite;
  readonly link: DisturbedLink;
  readonly voice: Voice;
  readonly clock: DeviceClock;
  readonly fastPauseMs: readonly [number, number];
  /** What it can do without now: power and network go and come by themselves. */
  readonly lines: { power: boolean; network: boolean };
  /** Says it with the time of its own clock. `dueMs`: see Voice. */
  say(said: readonly Emission[], dueMs: number | null): void;
}

export interface Neighbourhood {
  readonly url: string;
  /** The secret of an equipment; null: none, for a service that takes unknown equipment. */
  readonly secretOf: (id: string) => string | null;
  readonly timers: Timers;
  readonly seed: number;
  readonly fromMs: number;
  readonly speed: number;
  readonly meter: Meter;
  readonly places: Places;
  /** How machines connect. Default: MQTT over TCP. */
  readonly connect?: (options: LinkOptions) => Link;
}

const WINDOW = 8;
/** Some hours of a garage's readings. */
const QUEUE = 5_000;

/** Builds a machine, connects it and lets it hear of its repairs. */
export const moveIn = (entry: TownMachine, site: TownSite, around: Neighbourhood): Resident => {
  const { seed, fromMs, speed, meter, timers, connect = createLink } = around;
  const machine = createMachine({
    id: entry.id,
    site: entry.site,
    model: entry.model,
    timeZone: site.timeZone,
    tier: entry.tier,
    surroundings: around.places.of(site.id),
    people: entry.people ?? site.kind,
    seed,
    fromMs,
    ...(entry.bays === undefined ? {} : { bays: entry.bays }),
    ...(entry.stopsPerMonth === undefined ? {} : { stopsPerMonth: entry.stopsPerMonth }),
  });
  const clock = createDeviceClock();
  const repairs = createRepairLog();
  const onService = (payload: Uint8Array): void => {
    const repair = parseRepair(payload);
    if (!repair || !repairs.isNew(repair)) return;
    const nowMs = Math.floor(timers.now());
    say(machine.repair(repair.unit, repair.component, repair.repairedAtMs, nowMs), null);
    voice.flush();
  };
  const line = connect({
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
    timers,
  });
  const link = disturbed(line, timers, stream(seed, `${machine.id}/disturbed`));
  const voice = createVoice(link);
  const say = (said: readonly Emission[], dueMs: number | null): void => {
    for (const one of said) voice.say(clock.isRight ? one : { ...one, tsMs: clock.told(one.tsMs) }, dueMs);
  };
  const [from, to] = entry.fastPauseS;
  const fastPauseMs = [(from * 1000) / speed, (to * 1000) / speed] as const;
  const lines = { power: true, network: true };
  return { machine, site, link, voice, clock, say, fastPauseMs, lines };
};
