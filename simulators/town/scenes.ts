import type { OpenScene, SceneRecord } from '../environment/record.ts';
import { pick, uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { Town } from './file.ts';
import { beginNuisance, isNuisance, type Nuisance, type RunningNuisance } from './nuisance.ts';
import type { Places } from './places.ts';
import { networkBack, networkLost, powerBack, powerLost, updated } from './power.ts';
import type { Resident } from './resident.ts';
import type { ChanceSceneKind, Scene } from './scene.ts';

/** Lets the town's scenes happen when their time has come. */
export interface Scenes {
  /** Called now and then with the time since the live part began, ms. */
  tick(sinceMs: number, nowMs: number): void;
  /** Everything that befell the town so far, oldest first; at most 10,000. */
  readonly truth: readonly SceneRecord[];
}

interface Going {
  readonly endMs: number;
  end(nowMs: number): void;
}

const LIMIT = 10_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** What a machine's network needs to come back by itself, ms: from, to. */
const RECONNECT_MS: readonly [number, number] = [200, 5_000];

export const createScenes = (
  town: Town,
  residents: readonly Resident[],
  places: Places,
  seed: number,
): Scenes => {
  const random = stream(seed, 'town/scenes');
  const planned = [...town.scenes].sort((a, b) => a.afterS - b.afterS);
  const truth: SceneRecord[] = [];
  let going: Going[] = [];
  const nuisances = new Set<RunningNuisance>();
  let chanceMs = town.chanceScenes ? town.chanceScenes.afterS * 1000 : Number.POSITIVE_INFINITY;
  const back = stream(seed, 'town/back');

  const at = (match: (resident: Resident) => boolean): readonly Resident[] => residents.filter(match);

  /** Notes it, and what ends it. */
  const note = (
    scene: Scene,
    where: string,
    size: number | null,
    nowMs: number,
    end: ((nowMs: number) => void) | null,
  ): void => {
    const record: OpenScene = { kind: scene.kind, where, onsetMs: nowMs, endMs: null, size };
    truth.push(record);
    if (truth.length > LIMIT) truth.shift();
    if (end === null) return;
    going.push({
      endMs: nowMs + scene.forS * 1000,
      end: (endMs) => {
        record.endMs = endMs;
        end(endMs);
      },
    });
  };

  const cutPower = (scene: Extract<Scene, { kind: 'power-cut' }>, nowMs: number): void => {
    const dark = at(({ site }) => site.feeder === scene.feeder);
    for (const resident of dark) powerLost(resident, nowMs);
    note(scene, scene.feeder, dark.length, nowMs, (endMs) => {
      // Breakers are put back one after the other, and boots take their time.
      let delayMs = 0;
      for (const resident of dark) {
        delayMs += uniform(back, 0.3, 1.7) * scene.stepS * 1000;
        going.push({ endMs: endMs + delayMs, end: (nowMs) => powerBack(resident, nowMs) });
      }
    });
  };

  const loseNetwork = (scene: Extract<Scene, { kind: 'network-outage' }>, nowMs: number): void => {
    const deaf = at(({ site }) => site.id === scene.site);
    for (const resident of deaf) networkLost(resident);
    note(scene, scene.site, deaf.length, nowMs, () => {
      for (const resident of deaf) networkBack(resident, Math.round(uniform(back, ...RECONNECT_MS)));
    });
  };

  const upset = (scene: Extract<Scene, { kind: 'clock-jump' | 'clock-skew' }>, nowMs: number): void => {
    for (const { clock } of at(({ machine }) => machine.id === scene.equipment)) {
      if (scene.kind === 'clock-jump') clock.jump(scene.byS * 1000);
      else clock.run(nowMs, scene.sPerHour * 1000);
      const size = scene.kind === 'clock-jump' ? scene.byS : scene.sPerHour;
      note(scene, scene.equipment, size, nowMs, () => clock.set());
    }
  };

  const weather = (scene: Extract<Scene, { kind: 'heat-wave' | 'cloudburst' }>, nowMs: number): void => {
    const { day, hour } = places.of(town.sites[0]?.id ?? '').clock(nowMs);
    for (const sky of places.skies) {
      if (scene.kind === 'heat-wave')
        sky.swelter({
          fromDay: day,
          toDay: day + Math.ceil((scene.forS * 1000) / DAY_MS),
          excessC: scene.excessC,
        });
      else {
        const hours = Math.min(24 - hour, (scene.forS * 1000) / HOUR_MS);
        sky.pour(day, { startHour: hour, hours: Math.max(0.1, hours), mm: scene.mm });
      }
    }
    note(scene, 'region', scene.kind === 'heat-wave' ? scene.excessC : scene.mm, nowMs, () => {});
  };

  const sag = (scene: Extract<Scene, { kind: 'brown-out' }>, nowMs: number): void => {
    const { share, feeder, forS } = scene;
    places.supplyOf(feeder).sag({ fromMs: nowMs, toMs: nowMs + forS * 1000, share });
    note(scene, feeder, share, nowMs, () => {});
  };

  const install = (scene: Extract<Scene, { kind: 'firmware' }>, nowMs: number): void => {
    for (const resident of at(({ machine }) => machine.model === scene.model))
      updated(resident, scene.firmware, nowMs);
    note(scene, scene.model, null, nowMs, null);
  };

  const annoy = (scene: Nuisance, nowMs: number): void => {
    const nuisance = beginNuisance(scene, residents, nowMs, back);
    nuisances.add(nuisance);
    note(scene, nuisance.where, nuisance.size, nowMs, (endMs) => {
      nuisances.delete(nuisance);
      nuisance.end(endMs);
    });
  };

  const begin = (scene: Scene, nowMs: number): void => {
    if (scene.kind === 'power-cut') cutPower(scene, nowMs);
    else if (scene.kind === 'network-outage') loseNetwork(scene, nowMs);
    else if (scene.kind === 'brown-out') sag(scene, nowMs);
    else if (scene.kind === 'firmware') install(scene, nowMs);
    else if (isNuisance(scene)) annoy(scene, nowMs);
    else if ('equipment' in scene) upset(scene, nowMs);
    else weather(scene, nowMs);
  };

  const byChance = (kind: ChanceSceneKind, forS: number): Scene | null => {
    const site = pick(random, town.sites);
    const { machine } = pick(random, residents);
    const timed = { afterS: 0, forS };
    if (kind === 'power-cut') return { kind, ...timed, feeder: site.feeder, stepS: 2 };
    if (kind === 'brown-out')
      return { kind, ...timed, feeder: site.feeder, share: uniform(random, 0.8, 0.92) };
    if (kind === 'network-outage') return { kind, ...timed, site: site.id };
    const equipment = machine.id;
    if (kind === 'clock-jump') return { kind, ...timed, equipment, byS: uniform(random, -86_400, 86_400) };
    return { kind, ...timed, equipment, sPerHour: uniform(random, -30, 30) };
  };

  const drawScenes = (sinceMs: number, nowMs: number): void => {
    const { chanceScenes } = town;
    while (chanceScenes && chanceMs <= sinceMs) {
      chanceMs += uniform(random, ...chanceScenes.everyS) * 1000;
      const scene = byChance(pick(random, chanceScenes.kinds), uniform(random, ...chanceScenes.forS));
      if (scene) begin(scene, nowMs);
    }
  };

  return {
    truth,
    tick: (sinceMs, nowMs) => {
      const over = going.filter(({ endMs }) => endMs <= nowMs);
      going = going.filter(({ endMs }) => endMs > nowMs);
      for (const { end } of over) end(nowMs);
      for (let next = planned[0]; next && next.afterS * 1000 <= sinceMs; next = planned[0]) {
        planned.shift();
        begin(next, nowMs);
      }
      drawScenes(sinceMs, nowMs);
      for (const { tick } of nuisances) tick(nowMs);
    },
  };
};
