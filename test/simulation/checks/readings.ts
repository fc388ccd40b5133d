import { identityOf } from '../world/machine.ts';
import { type Check, some } from './check.ts';

/** Every acknowledged reading is stored once and as it was sent, and nothing else is. */
export const readingsOnce: Check = ({ town }, { readings }) => {
  const stored = new Map<string, number>();
  const twice: string[] = [];
  const strange: string[] = [];
  const sent = new Map([...town.machines.values()].flatMap((machine) => [...machine.sent]));
  for (const { equipment, unit, tsMs, seq, values } of readings)
    for (const [metric, value] of Object.entries(values)) {
      const identity = identityOf(equipment, unit, metric, tsMs, seq ?? 0);
      if (stored.has(identity)) twice.push(identity);
      stored.set(identity, value);
      if (sent.get(identity) !== value) strange.push(`${identity} = ${value}`);
    }
  const heard = new Map(
    town.clients
      .filter((client) => !client.isDead())
      .flatMap(({ plan }) => plan.machines)
      .flatMap(({ id }) => [...(town.machines.get(id)?.sent ?? [])]),
  );
  // What a machine took with it when it broke nobody acknowledged.
  const lost = [...heard.keys()].filter((identity) => !stored.has(identity));
  return [...some('stored twice', twice), ...some('stored but never sent', strange), ...some('lost', lost)];
};

/** By the end all machines could say everything that they had to say. */
export const allSaid: Check = ({ town }) =>
  some(
    'never acknowledged',
    town.clients.flatMap((client) =>
      client.waiting() > 0 && !client.isDead() ? [`${client.plan.id}: ${client.waiting()}`] : [],
    ),
  );

/** What is in quarantine is what was no reading, once for each record that held it. */
export const quarantine: Check = ({ disks, town }, { quarantined }) => {
  const garbage = new Set([...town.machines.values()].flatMap((machine) => machine.garbage));
  const dead = new Set(
    town.clients.flatMap((client) => (client.isDead() ? client.plan.machines.map(({ id }) => id) : [])),
  );
  const living = [...town.machines].flatMap(([id, machine]) => (dead.has(id) ? [] : machine.garbage));
  const expected = new Set(
    disks.history.flatMap((record) => {
      if (record.kind !== 'message') return [];
      const payload = Buffer.from(record.payload).toString('utf8');
      return garbage.has(payload) ? [`${record.offset} ${payload}`] : [];
    }),
  );
  const kept = quarantined.map(({ offset, payload }) => `${offset} ${payload}`);
  const unheard = living.filter((payload) => !kept.some((line) => line.endsWith(payload)));
  return [
    ...some(
      'in quarantine without being garbage',
      quarantined.flatMap(({ offset, payload, reason }) =>
        expected.has(`${offset} ${payload}`) ? [] : [`${offset} ${reason} ${payload}`],
      ),
    ),
    ...some(
      'garbage that is not in quarantine',
      [...expected].filter((line) => !kept.includes(line)),
    ),
    ...some('garbage that was never heard', unheard),
  ];
};
