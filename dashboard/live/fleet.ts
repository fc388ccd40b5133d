import { signal } from '@preact/signals';
import type { EquipmentView, LatestView, SiteView } from '../../api/contract/schemas.ts';
import { all, type Failure } from '../client/http.ts';
import { onLive } from './events.ts';

/** More machines than this are not held by one page; it says so. */
export const MAX_FLEET = 2_000;
/** Readings come many times a second; the screen follows twice a second. */
const FLUSH_MS = 500;

export const sites = signal<ReadonlyMap<string, SiteView>>(new Map());
export const fleet = signal<ReadonlyMap<string, EquipmentView>>(new Map());
export const fleetState = signal<'loading' | 'ready' | Failure>('loading');
export const fleetCut = signal(false);

/** The zone of a site; the reader's own while it isn't known. */
export const zoneOf = (site: string): string =>
  sites.value.get(site)?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

export const siteName = (site: string): string => sites.value.get(site)?.name ?? site;

export const loadFleet = async (signal?: AbortSignal): Promise<void> => {
  const [siteList, list] = await Promise.all([
    all<SiteView>('/sites', {}, MAX_FLEET, signal),
    all<EquipmentView>('/equipment', {}, MAX_FLEET, signal),
  ]);
  if (signal?.aborted) return;
  if (siteList.ok) sites.value = new Map(siteList.value.items.map((site) => [site.id, site]));
  if (list.ok) {
    fleet.value = new Map(list.value.items.map((machine) => [machine.id, machine]));
    fleetCut.value = list.value.more;
    fleetState.value = 'ready';
  } else if (fleetState.peek() !== 'ready') fleetState.value = list.failure;
};

/**
 * The values that a machine shows, renewed by what was just heard. A machine without any takes the first
 * three. Late data never overwrites a newer value.
 */
export const renewLatest = (
  shown: readonly LatestView[],
  heard: readonly LatestView[],
): readonly LatestView[] => {
  if (shown.length === 0) return heard.slice(0, 3);
  let changed = false;
  const next = shown.map((old) => {
    const fresh = heard.find((one) => one.metric === old.metric && one.unit === old.unit);
    if (!fresh || Date.parse(fresh.at) < Date.parse(old.at)) return old;
    changed = true;
    return fresh;
  });
  return changed ? next : shown;
};

/** Follows the live events into the fleet; gives back how to stop. */
export const followFleet = (): (() => void) => {
  const heard = new Map<string, Map<string, LatestView>>();
  const flush = setInterval(() => {
    if (heard.size === 0) return;
    const next = new Map(fleet.peek());
    for (const [id, latest] of heard) {
      const machine = next.get(id);
      if (!machine) continue;
      const renewed = renewLatest(machine.latest, [...latest.values()]);
      const newest = Math.max(...[...latest.values()].map((one) => Date.parse(one.at)));
      next.set(id, {
        ...machine,
        latest: [...renewed],
        lastHeardAt: new Date(Math.max(newest, Date.parse(machine.lastHeardAt ?? '') || 0)).toISOString(),
      });
    }
    heard.clear();
    fleet.value = next;
  }, FLUSH_MS);
  const stopReadings = onLive('reading', ({ equipment, latest }) => {
    if (!fleet.peek().has(equipment)) return;
    const of = heard.get(equipment) ?? new Map<string, LatestView>();
    for (const one of latest) of.set(`${one.unit} ${one.metric}`, one);
    heard.set(equipment, of);
  });
  const stopEquipment = onLive('equipment', ({ equipment }) => {
    const known = fleet.peek();
    if (!known.has(equipment.id) && known.size >= MAX_FLEET) return;
    fleet.value = new Map(known).set(equipment.id, equipment);
    // A machine of a site that was added meanwhile.
    if (!sites.peek().has(equipment.site)) void loadFleet();
  });
  return () => {
    clearInterval(flush);
    stopReadings();
    stopEquipment();
  };
};
