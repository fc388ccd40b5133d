import { type Check, some } from './check.ts';

export const auditHolds: Check = (_, { audit, skipped }) => [
  ...(audit.ok ? [] : [`the audit chain is broken: ${audit.detail}`]),
  ...(skipped > 0 ? [`the desk passed over ${skipped} changes`] : []),
];

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

/** Whoever follows the ledger's changes can follow them to the end. */
export const feedHolds: Check = ({ town }) => some('changes that could not be followed', town.unseen);

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
