import { LOOK_AFTER_MS, MINUTE_MS } from '../plan.ts';
import { type Check, some } from './check.ts';
import { partUpMs } from './promises.ts';

export const auditHolds: Check = (_, { audit, skipped }) => [
  ...(audit.ok ? [] : [`the audit chain is broken: ${audit.detail}`]),
  ...(skipped > 0 ? [`the desk passed over ${skipped} changes`] : []),
];

/** What stands in the ledger can be read at any time, one change after the other. */
export const phonesRead: Check = ({ town }) => some('phones that could not read', [...town.problems]);

/** Machines that are connected are shown so. */
export const onlineAsItIs: Check = ({ town }, { equipment }) =>
  some(
    'shown otherwise than they are',
    town.clients.flatMap((client) =>
      client.plan.machines.flatMap(({ id }) => {
        const shown = equipment.find((machine) => machine.id === id)?.online;
        const isRight = client.isConnected()
          ? shown === 'online'
          : shown === 'offline' || shown === 'unknown';
        return isRight
          ? []
          : [`${id} is ${client.isConnected() ? '' : 'not '}connected and shown as ${shown}`];
      }),
    ),
  );

/** Up for so much of the time until somebody looks, the service has had the time to know. */
const ENOUGH_MS = LOOK_AFTER_MS - 2 * MINUTE_MS;

/** A machine that died while the service was down is not shown as online when it is back. */
export const goneIsNotOnline: Check = (run) => {
  const { gone } = run.plan.disturbances;
  if (!gone) return [];
  const fromMs = gone.lookAtMs - LOOK_AFTER_MS;
  const isBack = (['edge', 'watcher'] as const).every(
    (part) => partUpMs(run, part, fromMs, gone.lookAtMs) >= ENOUGH_MS,
  );
  const online = run.shownGone.filter((machine) => machine.online === 'online');
  return isBack
    ? some(
        'shown as online after they died',
        online.map(({ id }) => id),
      )
    : [];
};

/** Each machine has heard of each repair of its items. */
export const repairsHeard: Check = ({ town }, { tickets }) =>
  some(
    'repairs that their machine never heard of',
    tickets.flatMap(({ id, equipment, component, unit, timeline }) => {
      const machine = town.machines.get(equipment);
      if (!timeline.some(({ what }) => what === 'resolve') || !machine) return [];
      if (town.isDead(equipment)) return [];
      const isHeard = machine.heardRepairs.some((payload) => {
        const said = JSON.parse(payload) as { readonly component: string; readonly unit?: string };
        return said.component === component && (said.unit ?? '') === unit;
      });
      return isHeard ? [] : [`${id} (${equipment} ${unit} ${component})`];
    }),
  );

/** Each repair that a crew said is in the log, so that the engine watches for recovery. */
export const repairsTold: Check = ({ disks }, { tickets }) => {
  const told = new Set(
    disks.history.flatMap((record) =>
      record.kind === 'control' && record.control.type === 'repaired' ? [record.control.ticket] : [],
    ),
  );
  return some(
    'repairs that the log was never told of',
    tickets.flatMap(({ id, timeline }) =>
      timeline.some(({ what }) => what === 'resolve') && !told.has(id) ? [id] : [],
    ),
  );
};
