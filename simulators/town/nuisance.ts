import type { SentFault } from '../machine.ts';
import { uniform } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import { updated } from './power.ts';
import type { Resident } from './resident.ts';
import type { Scene } from './scene.ts';

const KINDS = ['flapping', 'resending', 'disorder', 'reboots', 'chatter'] as const;
/** Scenes that go on by themselves until they end: nothing breaks for good, but nothing is as it should be. */
export type Nuisance = Extract<Scene, { kind: (typeof KINDS)[number] }>;

export const isNuisance = (scene: Scene): scene is Nuisance =>
  (KINDS as readonly string[]).includes(scene.kind);

export interface RunningNuisance {
  readonly where: string;
  /** Seconds between two of them, or part of the messages. */
  readonly size: number;
  /** Lets happen what is due. */
  tick(nowMs: number): void;
  end(nowMs: number): void;
}

/** At one look at most so many, however long ago the last was. */
const BURST = 100;

/** Calls `act` for each, about every `everyS` seconds and never for all at once. */
const recurring = <T>(
  these: readonly T[],
  everyS: number,
  fromMs: number,
  random: Random,
  act: (one: T, atMs: number) => void,
): ((nowMs: number) => void) => {
  const dueMs = these.map(() => fromMs + uniform(random, 0, 1) * everyS * 1000);
  return (nowMs) => {
    for (const [index, one] of these.entries()) {
      let next = dueMs[index] ?? nowMs;
      for (let n = 0; next <= nowMs && n < BURST; n++) {
        act(one, Math.floor(next));
        next += uniform(random, 0.5, 1.5) * everyS * 1000;
      }
      dueMs[index] = Math.max(next, nowMs + 1);
    }
  };
};

const chatter = (
  code: string,
  residents: readonly Resident[],
): { toggle(of: Resident, atMs: number): void; calm(atMs: number): void } => {
  const active = new Set<Resident>();
  const toggle = (of: Resident, atMs: number): void => {
    // Without power nobody says anything.
    if (!of.lines.power) return;
    const isActive = !active.has(of);
    const fault: SentFault = { kind: 'fault', tsMs: atMs, unit: '', code, active: isActive, detail: '' };
    of.say([fault], null);
    of.voice.flush();
    if (isActive) active.add(of);
    else active.delete(of);
  };
  return {
    toggle,
    calm: (atMs) => {
      for (const resident of residents) if (active.has(resident)) toggle(resident, atMs);
    },
  };
};

export const beginNuisance = (
  scene: Nuisance,
  residents: readonly Resident[],
  nowMs: number,
  random: Random,
): RunningNuisance => {
  const where = 'site' in scene ? scene.site : scene.equipment;
  const these = residents.filter(({ site, machine }) =>
    'site' in scene ? site.id === scene.site : machine.id === scene.equipment,
  );
  const still = { where, tick: () => {} };
  switch (scene.kind) {
    case 'resending':
      for (const { link } of these) link.disturb({ resent: scene.share });
      return { ...still, size: scene.share, end: () => these.map(({ link }) => link.disturb({ resent: 0 })) };
    case 'disorder':
      for (const { link } of these) link.disturb({ late: scene.share, lateMs: scene.lateS * 1000 });
      return { ...still, size: scene.share, end: () => these.map(({ link }) => link.disturb({ late: 0 })) };
    case 'flapping': {
      const flap = ({ link }: Resident): void => link.flap(random() < 0.5);
      const tick = recurring(these, scene.everyS, nowMs, random, flap);
      return { where, size: scene.everyS, tick, end: () => {} };
    }
    case 'reboots': {
      const reboot = (one: Resident, atMs: number): void => updated(one, one.machine.firmware, atMs);
      const tick = recurring(these, scene.everyS, nowMs, random, reboot);
      return { where, size: scene.everyS, tick, end: () => {} };
    }
    case 'chatter': {
      const { toggle, calm } = chatter(scene.code, these);
      const tick = recurring(these, scene.everyS / 2, nowMs, random, toggle);
      return { where, size: scene.everyS, tick, end: calm };
    }
  }
};
