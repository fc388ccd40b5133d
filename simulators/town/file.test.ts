import { describe, expect, it } from 'vitest';
import { classOf } from '../../core/fault/catalogue.ts';
import { bothWords, checkTown, loadTown, TOWN_NAMES, type Town } from './file.ts';

const VALID = {
  name: { en: 'Test', zh: '测试' },
  about: { en: 'Nothing happens.', zh: '无事发生' },
  pastDays: 2,
  sites: [
    {
      id: 'wulin',
      name: { en: 'Wulin', zh: '武林' },
      position: { lat: 30, lon: 120 },
      timeZone: 'Asia/Shanghai',
      kind: 'mall',
    },
    {
      id: 'cuiyuan',
      name: { en: 'Cuiyuan', zh: '翠苑' },
      position: { lat: 30.1, lon: 120 },
      timeZone: 'Asia/Shanghai',
      kind: 'residential',
      climate: 'subtropical',
      feeder: 'west',
    },
  ],
  machines: [
    { id: 'garage-1', site: 'wulin', model: 'PSH-7', name: { en: 'g', zh: '库' }, bays: 2 },
    { id: 'fridge-1', site: 'wulin', model: 'fridge-300', name: { en: 'f', zh: '冰箱' }, tier: 2 },
  ],
  groups: [
    { sites: '*', model: 'kettle-17', name: { en: 'kettle', zh: '电水壶' }, count: [2, 2], tiers: [1, 2] },
  ],
  wears: [
    { equipment: 'garage-1', unit: 'bay1', mechanism: 'chain', afterS: 1, lifeCycles: 100 },
    { equipment: 'fridge-1', mechanism: 'bias', metric: 'powerW', afterS: 1, lifeCycles: 100 },
  ],
  scenes: [
    { kind: 'power-cut', feeder: 'west', afterS: 10, forS: 20 },
    { kind: 'firmware', model: 'fridge-300', firmware: 'fr-2.0', afterS: 5 },
  ],
};

/** A deep copy in which one place holds another value; checked. */
const broken = (path: string, value: unknown): (() => Town) => {
  const names = path.split('/').slice(1);
  const last = names.pop() ?? '';
  const town: Record<string, unknown> = structuredClone(VALID);
  let at = town;
  for (const name of names) at = at[name] as Record<string, unknown>;
  at[last] = value;
  return () => checkTown(town);
};

describe('a town file', () => {
  it('fills in what is not said, and expands groups', () => {
    const town = checkTown(VALID);
    expect(town.sites[0]).toMatchObject({ climate: 'subtropical', feeder: 'wulin' });
    expect(town.machines[0]).toMatchObject({ tier: 3, ageYears: 5, fastPauseS: [4, 6] });
    expect(town).toMatchObject({ pace: 'fast', chance: null, hazard: null, chanceScenes: null });
    const kettles = town.machines.filter(({ model }) => model === 'kettle-17');
    expect(kettles.map(({ id }) => id)).toEqual([
      'wulin-kettle-1',
      'wulin-kettle-2',
      'cuiyuan-kettle-1',
      'cuiyuan-kettle-2',
    ]);
    expect(kettles[1]?.name).toEqual({ en: 'kettle 2', zh: '电水壶2号' });
    expect(checkTown(structuredClone(VALID))).toEqual(town);
    expect(bothWords(town.sites[0]!.name)).toBe('武林 Wulin');
  });

  it.each<[string, string, unknown]>([
    ['/machines: fridge-1 stands at nowhere, which /sites does not list', '/machines/1/site', 'nowhere'],
    ['/machines: garage-1 stands twice; keep one', '/machines/1/id', 'garage-1'],
    ['/machines/0/model: must be a model that is simulated', '/machines/0/model', 'toaster-1'],
    ['/machines/0/name: must be an object', '/machines/0/name', 'garage'],
    ['/machines/0/name/zh: must be a text', '/machines/0/name', { en: 'garage' }],
    ['/machines/1/tier: must be a whole number from 1 to 3', '/machines/1/tier', 2.5],
    ['/machines/0/fastPauseS/1: must be a number from 2', '/machines/0/fastPauseS', [2, 1]],
    ['/sites/0/timeZone: must be an IANA time zone', '/sites/0/timeZone', 'Mars/Base'],
    ['/sites/0/kind: must be one of mall, hospital', '/sites/0/kind', 'zoo'],
    ['/sites/1/climate: must be one of subtropical', '/sites/1/climate', 'lunar'],
    ['/sites/0/position/lat: must be a number from -90 to 90', '/sites/0/position/lat', 91],
    ['/groups/0/sites/0: must be one of wulin, cuiyuan', '/groups/0/sites', ['x']],
    ['/wears/0/equipment: x is not one of /machines', '/wears/0/equipment', 'x'],
    ['/wears/0/unit: garage-1 has no unit "bay9"; it has bay1', '/wears/0/unit', 'bay9'],
    ['/wears/0/mechanism: rust is no wear of garage-1; it knows chain', '/wears/0/mechanism', 'rust'],
    ['/scenes/0/kind: must be one of power-cut', '/scenes/0/kind', 'flood'],
    ['/scenes/0/feeder: east is not one of the feeders of /sites', '/scenes/0/feeder', 'east'],
    ['/scenes/0/forS: must be a number from 1', '/scenes/0/forS', 0],
    ['/scenes/1/stepS: unknown; known are kind, afterS', '/scenes/1/stepS', 1],
    ['/colour: unknown; known are name', '/colour', 'red'],
  ])('says %s', (message, path, value) => {
    expect(broken(path, value)).toThrow(message);
  });

  it('takes wears by chance or by hazard, not both', () => {
    const chance = { afterS: 1, everyS: [1, 2], atOnce: 1, lifeCycles: [1, 2] };
    const hazard = { speed: 1, lifeCycles: [1, 2] };
    expect(() => checkTown({ ...VALID, chance, hazard })).toThrow('/hazard: the town has /chance as well');
  });

  it('names the file, and the towns that there are', async () => {
    expect(() => checkTown([])).toThrow('the file: must be an object');
    await expect(loadTown('/nowhere.json')).rejects.toThrow(
      "town /nowhere.json: can't be read (ENOENT); give a file, or one of demo, district, worst-day, quiet",
    );
    await expect(loadTown(new URL('file.ts', import.meta.url).pathname)).rejects.toThrow(
      /^town file .*file\.ts: /,
    );
  });
});

describe('the towns that come with it', () => {
  it.each(TOWN_NAMES)('%s is valid', async (name) => {
    expect((await loadTown(name)).machines.length).toBeGreaterThan(5);
  });

  it('demo has two garages of two classes and twelve appliances of all six', async () => {
    const { machines, sites } = await loadTown('demo');
    expect(machines).toHaveLength(14);
    const classes = machines.map(({ model }) => classOf(model));
    expect(new Set(classes).size).toBe(8);
    expect(classes.filter((name) => /^[A-Z]+$/.test(name))).toHaveLength(2);
    expect(sites).toHaveLength(4);
  });

  it('district has about thirty sites and several hundred machines of every class and tier', async () => {
    const { machines, sites, hazard } = await loadTown('district');
    expect(sites.length).toBeGreaterThanOrEqual(28);
    expect(machines.length).toBeGreaterThan(250);
    expect(new Set(machines.map(({ tier }) => tier)).size).toBe(3);
    expect(hazard).not.toBeNull();
  });

  it('quiet has no wear and no scene, worst-day many of both', async () => {
    expect(await loadTown('quiet')).toMatchObject({
      wears: [],
      scenes: [],
      chance: null,
      hazard: null,
      chanceScenes: null,
    });
    const worst = await loadTown('worst-day');
    expect(new Set(worst.scenes.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(6);
    expect(worst.wears.length).toBeGreaterThan(8);
    expect(worst.wears.some(({ mechanism }) => mechanism === 'stuck')).toBe(true);
  });
});
