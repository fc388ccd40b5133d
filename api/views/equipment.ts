import type { Alert } from '../../core/alert/alert.ts';
import type { Equipment, Site } from '../../core/equipment/equipment.ts';
import { type Catalogue, classOf } from '../../core/fault/catalogue.ts';
import type { LatestValue } from '../../core/telemetry/reading.ts';
import type { SeriesInfo } from '../../store/telemetry.ts';
import type { EquipmentDetailView, EquipmentView, SiteView } from '../contract/schemas.ts';
import { healthOf } from './health.ts';
import { latestView, metricWords, telling } from './latest.ts';
import { iso, isoOrNull } from './time.ts';

/** What is known around a machine, gathered by the caller. */
export interface Around {
  readonly latest: readonly LatestValue[];
  readonly active: readonly Alert[];
  readonly openTickets: readonly string[];
}

const lastHeard = (machine: Equipment, latest: readonly LatestValue[]): number | null => {
  const heard = latest.map((value) => value.receivedAtMs);
  // A change of the connection was heard, too; `unknown` is what we set ourselves.
  if (machine.online !== 'unknown' && machine.onlineAtMs !== null) heard.push(machine.onlineAtMs);
  return heard.length === 0 ? null : heard.reduce((a, b) => Math.max(a, b));
};

type Life = EquipmentView['remainingLife'][number];

const remainingLife = (active: readonly Alert[]): Life[] =>
  active
    .flatMap(({ unit, component, evidence: { metric, crossing } }): Life[] =>
      metric === null || crossing === null
        ? []
        : [
            {
              unit,
              component,
              metric,
              limit: crossing.limit,
              at: iso(crossing.atMs),
              earliestAt: iso(crossing.earliestMs),
              latestAt: isoOrNull(crossing.latestMs),
            },
          ],
    )
    .sort((a, b) => (a.at < b.at ? -1 : 1));

const view = (
  catalogue: Catalogue,
  machine: Equipment,
  around: Around,
  nowMs: number,
  shown: readonly LatestValue[],
): EquipmentView => {
  const lastHeardAtMs = lastHeard(machine, around.latest);
  const classId = classOf(machine.model);
  return {
    id: machine.id,
    site: machine.site,
    name: machine.name,
    model: machine.model,
    class: classId,
    className: catalogue.classes.get(classId)?.name ?? { en: classId, zh: classId },
    online: machine.online,
    onlineAt: isoOrNull(machine.onlineAtMs),
    lastHeardAt: isoOrNull(lastHeardAtMs),
    firmware: machine.firmware,
    health: healthOf({ online: machine.online, lastHeardAtMs }, around.active, nowMs),
    activeAlerts: around.active.length,
    openTickets: [...around.openTickets],
    latest: shown.map((value) => latestView(catalogue, value, nowMs)),
    remainingLife: remainingLife(around.active),
    warranty: null,
  };
};

/** For lists: up to three telling values. */
export const equipmentView = (
  catalogue: Catalogue,
  machine: Equipment,
  around: Around,
  nowMs: number,
): EquipmentView => view(catalogue, machine, around, nowMs, telling(catalogue, around.latest, around.active));

/** The single machine: every latest value, and which series it has. */
export const equipmentDetailView = (
  catalogue: Catalogue,
  machine: Equipment,
  around: Around & { readonly series: readonly SeriesInfo[] },
  nowMs: number,
): EquipmentDetailView => ({
  ...view(catalogue, machine, around, nowMs, around.latest),
  series: around.series.map((series) => ({
    unit: series.unit,
    metric: series.metric,
    ...metricWords(catalogue, series.metric),
    firstAt: iso(series.firstMs),
    lastAt: iso(series.lastMs),
  })),
});

export const siteView = (site: Site): SiteView => ({
  ...site,
  position: site.position && { ...site.position },
});
