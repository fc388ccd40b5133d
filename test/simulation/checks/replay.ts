import type { Catalogue } from '../../../core/fault/catalogue.ts';
import { startWatcher } from '../../../ingest/watcher.ts';
import { newMemoryLedger } from '../../../store/memory/ledger.ts';
import { newMemoryLog } from '../../../store/memory/log.ts';
import { virtualTime } from '../../../time/virtual.ts';
import { START_MS } from '../plan.ts';
import type { Run } from '../simulate.ts';
import { type Check, some } from './check.ts';
import { type Found, foundAlerts } from './found.ts';

/** What a watcher that nothing ever happened to makes of the same log. */
const replayed = async ({ disks, town, plan }: Run, catalogue: Catalogue): Promise<Found['alerts']> => {
  const time = virtualTime(START_MS);
  const log = newMemoryLog('simulated-log');
  const storage = newMemoryLedger({ reads: 'in-turn' });
  try {
    const opened = await log.open({ timers: time });
    const appended = Promise.all(
      disks.history.map(({ partition: _, offset: __, ...entry }) => opened.append(entry)),
    );
    await time.advance(START_MS + 1_000);
    await appended;
    const ledger = await storage.open({ clock: time.now, timers: time });
    for (const { id, site, model } of plan.clients.flatMap(({ machines }) => machines))
      await ledger.equipment.put({ id, site, model, name: id }, START_MS);
    let problem: Error | null = null;
    const starting = startWatcher({
      log: opened,
      ledger,
      catalogue,
      timers: time,
      onProblem: ({ error }) => {
        problem ??= error;
      },
    });
    await time.advance(START_MS + 10_000);
    const watcher = await starting;
    const last = disks.history.at(-1)?.offset ?? -1;
    for (let s = 0; watcher.stats().now.offset < last && s < 120; s++) await time.advance(time.now() + 1_000);
    if (problem) throw problem;
    if (watcher.stats().now.offset < last)
      throw new Error(`the replay stands at ${watcher.stats().now.offset}`);
    return await foundAlerts(ledger);
  } finally {
    storage.dispose();
    log.dispose();
    void town;
  }
};

/** What the engine saw of an alert; people and the desk add to it. */
const storyOf = (alert: Found['alerts'][number]): string =>
  JSON.stringify([
    alert.id,
    alert.equipment,
    alert.unit,
    alert.component,
    alert.rule,
    alert.severity,
    alert.state,
    alert.raisedAtMs,
    alert.clearedAtMs,
    alert.evidence,
    alert.timeline.flatMap(({ type, reason, atMs }) =>
      ['raised', 'updated', 'cleared'].includes(type) ? [[type, reason, atMs]] : [],
    ),
  ]);

/** The alerts in the ledger are those of one clean pass over the log: the same keys, the same contents. */
export const sameAsReplay =
  (catalogue: Catalogue): Check =>
  async (run, found) => {
    const clean = new Map((await replayed(run, catalogue)).map((alert) => [alert.id, storyOf(alert)]));
    const live = new Map(found.alerts.map((alert) => [alert.id, storyOf(alert)]));
    const differing = [...clean].filter(([id, story]) => live.has(id) && live.get(id) !== story);
    return [
      ...some(
        'alerts of the log that the ledger lacks',
        [...clean].flatMap(([id, story]) => (live.has(id) ? [] : [story.slice(0, 200)])),
      ),
      ...some(
        'alerts that the log does not tell of',
        [...live].flatMap(([id, story]) => (clean.has(id) ? [] : [story.slice(0, 200)])),
      ),
      ...some(
        'alerts that differ from a clean pass',
        differing.map(([id, story]) => `${firstDifference(live.get(id) as string, story)} in ${id}`),
      ),
    ];
  };

const firstDifference = (a: string, b: string): string => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const from = Math.max(0, at - 40);
  return `…${a.slice(from, at + 60)}… instead of …${b.slice(from, at + 60)}…`;
};
