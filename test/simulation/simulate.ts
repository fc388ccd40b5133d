import type { Equipment } from '../../core/equipment/equipment.ts';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import { stream } from '../../simulators/random/stream.ts';
import { virtualTime } from '../../time/virtual.ts';
import { END_MS, type Plan, START_MS } from './plan.ts';
import { createService, type Service } from './service/service.ts';
import { createSteps } from './service/steps.ts';
import { type Disks, newDisks } from './service/stores.ts';
import { newTrace, type Trace } from './trace.ts';
import { furnish } from './world/furnish.ts';
import { createReceivers, type Receivers } from './world/receivers.ts';
import { createTown, type Town } from './world/town.ts';

/** A run that has ended, with all that is left to look at. */
export interface Run {
  readonly plan: Plan;
  readonly disks: Disks;
  readonly service: Service;
  readonly town: Town;
  readonly receivers: Receivers;
  readonly trace: Trace;
  /** Machines of the client that died unseen, as they were shown when somebody looked. */
  readonly shownGone: readonly Equipment[];
}

const describe = (record: Disks['history'][number]): string | null => {
  if (record.kind === 'tick') return null;
  if (record.kind === 'control') return `${record.offset} ${record.control.type}`;
  return `${record.offset} ${record.equipment} ${record.channel} by ${record.connectionId}`;
};

/** Lives the planned days in virtual time. */
export const simulate = async (plan: Plan, catalogue: Catalogue): Promise<Run> => {
  const time = virtualTime(START_MS);
  const trace = newTrace(START_MS, time.now);
  const disks = newDisks((record) => {
    const line = describe(record);
    if (line) trace.note('log', line);
  });
  const steps = createSteps(plan.disturbances, time, stream(plan.seed, 'latency'));
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `c${ids}`;
  };
  const phones = await disks.ledger.open({ clock: time.now, timers: time });
  await furnish(phones, plan, START_MS);
  const receivers = createReceivers(time, stream(plan.seed, 'receivers'), plan.disturbances.deaf);
  const random = stream(plan.seed, 'jitter');
  const { notify } = receivers;
  const service = createService({ plan, time, disks, steps, trace, catalogue, newId, notify, random });
  const town = createTown({ plan, time, trace, fronts: service.fronts, ledger: phones });
  void service.start();
  await time.advance(START_MS + 1_000);
  town.start();
  const shownGone: Equipment[] = [];
  const { gone } = plan.disturbances;
  const machines = plan.clients.find(({ id }) => id === gone?.client)?.machines ?? [];
  if (gone)
    time.after(gone.lookAtMs - time.now(), async () => {
      for (const { id } of machines) {
        const shown = await phones.equipment.get(id);
        if (shown) shownGone.push(shown);
      }
    });
  await time.advance(END_MS);
  service.end();
  return { plan, disks, service, town, receivers, trace, shownGone };
};
