import { classOf, type Words } from '../../core/fault/catalogue.ts';
import { uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { TownSite } from './file.ts';
import { fastPauseS, model, OLDEST_YEARS, type TownMachine, tier } from './machine.ts';
import { type At, fields, id, isGiven, list, oneOf, optional, range, whole, words } from './read.ts';

/** So many machines of a model at each of some sites, so that a district needs no thousand lines. */
export interface MachineGroup {
  /** Site ids, or `*` for all. */
  readonly sites: readonly string[] | '*';
  readonly model: string;
  readonly name: Words;
  /** At each site, from … to: drawn from its id. */
  readonly count: readonly [number, number];
  readonly tiers: readonly (1 | 2 | 3)[];
  readonly ageYears: readonly [number, number];
  readonly fastPauseS: readonly [number, number];
  readonly bays?: number;
  readonly path: string;
}

export const readGroup = (at: At): MachineGroup => {
  const field = fields(at, ['sites', 'model', 'name', 'count', 'tiers', 'ageYears', 'fastPauseS', 'bays']);
  const tiers = field('tiers');
  return {
    path: at.path,
    sites: field('sites').value === '*' ? '*' : list(field('sites'), 10_000, id),
    model: model(field('model')),
    name: words(field('name')),
    count: range(field('count'), 0, 1_000),
    tiers: isGiven(tiers) ? list(tiers, 3, tier) : [3],
    ageYears: isGiven(field('ageYears')) ? range(field('ageYears'), 0, OLDEST_YEARS) : [1, 12],
    fastPauseS: isGiven(field('fastPauseS')) ? fastPauseS(field('fastPauseS')) : [20, 40],
    ...optional('bays', field('bays'), (one) => whole(one, 1, 200)),
  };
};

const membersAt = (group: MachineGroup, site: string, taken: Map<string, number>): readonly TownMachine[] => {
  const name = classOf(group.model);
  const random = stream(0, `${site}/${group.path}`);
  const count = Math.round(uniform(random, group.count[0] - 0.499, group.count[1] + 0.499));
  return Array.from({ length: Math.max(0, count) }, (): TownMachine => {
    const key = `${site}-${name}`;
    const nth = (taken.get(key) ?? 0) + 1;
    taken.set(key, nth);
    return {
      id: `${key}-${nth}`,
      site,
      model: group.model,
      name: { en: `${group.name.en} ${nth}`, zh: `${group.name.zh}${nth}号` },
      tier: group.tiers[Math.floor(random() * group.tiers.length)] ?? 3,
      ageYears: Math.round(10 * uniform(random, ...group.ageYears)) / 10,
      fastPauseS: group.fastPauseS,
      ...(group.bays === undefined ? {} : { bays: group.bays }),
    };
  });
};

/** The machines of all groups: ids `SITE-CLASS-N`. Throws where a group names a site that isn't there. */
export const expandGroups = (
  groups: readonly MachineGroup[],
  sites: readonly TownSite[],
): readonly TownMachine[] => {
  const known = sites.map((site) => site.id);
  const taken = new Map<string, number>();
  return groups.flatMap((group) => {
    const at = group.sites === '*' ? known : group.sites;
    for (const [index, site] of at.entries())
      oneOf({ value: site, path: `${group.path}/sites/${index}` }, known);
    return at.flatMap((site) => membersAt(group, site, taken));
  });
};
