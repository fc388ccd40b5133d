import type { Peers } from '../alert/alert.ts';
import type { Scene } from './announce.ts';
import { type CodePopulation, kindOf, type MetricPopulation, type ModelPopulation } from './population.ts';
import { quantile } from './robust.ts';

const modelHere = (scene: Scene): ModelPopulation | undefined =>
  scene.model === null ? undefined : scene.populations.get(scene.model);

export const metricPopulation = (scene: Scene, metric: string): MetricPopulation | undefined => {
  const kind = kindOf(scene.unit);
  return modelHere(scene)?.metrics.find((one) => one.metric === metric && one.kind === kind);
};

export const codePopulation = (scene: Scene, code: string): CodePopulation | undefined => {
  const ofUnits = scene.unit !== '';
  return modelHere(scene)?.codes.find((one) => one.code === code && one.ofUnits === ofUnits);
};

/** Healthy machines of the same model, for the evidence of an alert; null where there are too few. */
export const peersHere = (scene: Scene, metric: string | null): Peers | null => {
  const population = metric === null ? undefined : metricPopulation(scene, metric);
  if (!population || scene.model === null) return null;
  const { levels, count } = population;
  return {
    model: scene.model,
    count,
    band: { low: quantile(levels, 0.1), high: quantile(levels, 0.9) },
    sample: population.sample.filter(
      ({ equipment, unit }) => equipment !== scene.equipment || unit !== scene.unit,
    ),
  };
};
