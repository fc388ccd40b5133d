import { createMachine } from '../create.ts';
import { isLie } from '../lie/lie.ts';
import type { Town, TownWear } from './file.ts';
import type { Scene } from './scene.ts';

/** What no entry can be judged by alone: whether the parts of a town fit each other. Throws an Error. */

const unique = (what: string, ids: readonly string[]): void => {
  const seen = new Set<string>();
  for (const one of ids) {
    if (seen.has(one)) throw new Error(`/${what}: ${one} stands twice; keep one`);
    seen.add(one);
  }
};

const known = (path: string, value: string, list: string, values: ReadonlySet<string>): void => {
  if (!values.has(value)) throw new Error(`${path}: ${value} is not one of ${list}`);
};

/** A machine of this model says best what it knows. */
const checkWear = (town: Town, wear: TownWear, path: string): void => {
  const entry = town.machines.find(({ id }) => id === wear.equipment);
  if (!entry) throw new Error(`${path}/equipment: ${wear.equipment} is not one of /machines`);
  const machine = createMachine({ ...entry, timeZone: 'UTC', seed: 0, fromMs: 0 });
  const isClock = wear.mechanism === 'clockJump';
  if (!isClock && !machine.units.includes(wear.unit)) {
    const units = machine.units.map((unit) => unit || '""').join(', ');
    throw new Error(`${path}/unit: ${wear.equipment} has no unit "${wear.unit}"; it has ${units}`);
  }
  const mechanisms = machine.mechanismsOf(wear.unit);
  if (!isLie(wear.mechanism) && !mechanisms.includes(wear.mechanism))
    throw new Error(
      `${path}/mechanism: ${wear.mechanism} is no wear of ${wear.equipment}; it knows ${mechanisms.join(', ')}, and every sensor may lie`,
    );
};

const checkScene = (town: Town, scene: Scene, path: string): void => {
  const of = (pick: (town: Town) => readonly string[]): ReadonlySet<string> => new Set(pick(town));
  if ('feeder' in scene)
    known(
      `${path}/feeder`,
      scene.feeder,
      'the feeders of /sites',
      of(({ sites }) => sites.map(({ feeder }) => feeder)),
    );
  if ('site' in scene)
    known(
      `${path}/site`,
      scene.site,
      '/sites',
      of(({ sites }) => sites.map(({ id }) => id)),
    );
  if ('equipment' in scene)
    known(
      `${path}/equipment`,
      scene.equipment,
      '/machines',
      of(({ machines }) => machines.map(({ id }) => id)),
    );
  if ('model' in scene)
    known(
      `${path}/model`,
      scene.model,
      'the models of /machines',
      of(({ machines }) => machines.map(({ model }) => model)),
    );
};

export const checkTogether = (town: Town): void => {
  const sites = new Set(town.sites.map(({ id }) => id));
  unique(
    'sites',
    town.sites.map(({ id }) => id),
  );
  unique(
    'machines',
    town.machines.map(({ id }) => id),
  );
  for (const { id, site } of town.machines) {
    if (!sites.has(site)) throw new Error(`/machines: ${id} stands at ${site}, which /sites does not list`);
  }
  for (const [index, wear] of town.wears.entries()) checkWear(town, wear, `/wears/${index}`);
  for (const [index, scene] of town.scenes.entries()) checkScene(town, scene, `/scenes/${index}`);
  if (town.chance !== null && town.hazard !== null)
    throw new Error('/hazard: the town has /chance as well; keep one of them');
};
