import { classOf } from '../fault/catalogue.ts';
import type { Parameters, RuleBook } from './parameters.ts';
import { DEFAULT_RULES, type Match, type Rules, type SomeParameters } from './rules.ts';

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** `over` where it says something, else `base`; sections that `base` does not know are left out. */
const merged = (base: Parameters, over: SomeParameters): Parameters =>
  Object.fromEntries(
    Object.entries(base as unknown as Sections).map(([section, fields]) => [
      section,
      { ...fields, ...(over as Sections)[section] },
    ]),
  ) as unknown as Parameters;

/** Rules as an older release wrote them into the log: what it did not know yet is as by default. */
export const completed = (rules: Partial<Rules>): Rules => ({
  ...DEFAULT_RULES,
  ...rules,
  detectors: merged(DEFAULT_RULES.detectors, rules.detectors ?? {}),
});

const matches = (match: Match, model: string | null, unit: string, metric: string | null): boolean =>
  (match.model === null || match.model === model) &&
  (match.equipmentClass === null || (model !== null && match.equipmentClass === classOf(model))) &&
  (match.unit === null || match.unit === unit) &&
  (match.metric === null || match.metric === metric);

export interface CompiledBook extends RuleBook {
  /** Answers remembered now, and how often all were forgotten because there were too many. */
  cache(): { readonly size: number; readonly cleared: number };
}

/** Answers remembered: 200 models of 50 metrics each, with the same names of units. */
export const MAX_CACHED = 10_000;

type ByMetric = Map<string | null, Parameters>;

/** Rules, ready to be asked once per reading and metric. `version` names exactly these rules. */
export const compiled = (
  { detectors, overrides }: Rules,
  version: string,
  maxCached = MAX_CACHED,
): CompiledBook => {
  const known = new Map<string | null, Map<string, ByMetric>>();
  let size = 0;
  let cleared = 0;

  const work = (model: string | null, unit: string, metric: string | null): Parameters => {
    const found = overrides.filter(({ match }) => matches(match, model, unit, metric));
    return found.reduce((parameters, override) => merged(parameters, override.detectors), detectors);
  };
  const room = (model: string | null, unit: string): ByMetric => {
    if (size >= maxCached) {
      known.clear();
      size = 0;
      cleared += 1;
    }
    const units = known.get(model) ?? new Map<string, ByMetric>();
    known.set(model, units);
    const metrics = units.get(unit) ?? new Map<string | null, Parameters>();
    units.set(unit, metrics);
    size += 1;
    return metrics;
  };
  const of = (model: string | null, unit: string, metric: string | null): Parameters => {
    const cached = known.get(model)?.get(unit)?.get(metric);
    if (cached) return cached;
    const parameters = work(model, unit, metric);
    room(model, unit).set(metric, parameters);
    return parameters;
  };
  return {
    version,
    of: overrides.length === 0 ? () => detectors : of,
    cache: () => ({ size, cleared }),
  };
};
