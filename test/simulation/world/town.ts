import type { HttpApp } from '../../../api/context.ts';
import { stream } from '../../../simulators/random/stream.ts';
import type { Ledger } from '../../../store/ledger.ts';
import type { VirtualTime } from '../../../time/virtual.ts';
import { END_MS, MINUTE_MS, type Plan } from '../plan.ts';
import type { Fronts } from '../service/parts.ts';
import type { Trace } from '../trace.ts';
import { type Client, createClient } from './client.ts';
import { CREWS, secretOf, tokenOf } from './furnish.ts';
import { createItems, type Items } from './items.ts';
import { createMachine, type Machine } from './machine.ts';
import { createPeople, type People } from './people.ts';
import { createPhone } from './phone.ts';

/** Everything outside the service: machines that wear, networks that fail, people who come or don't. */
export interface Town {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly clients: readonly Client[];
  readonly items: Items;
  readonly people: People;
  /** What people's phones could not read: the same once. */
  readonly problems: ReadonlySet<string>;
  /** Its client broke for good. */
  isDead(equipment: string): boolean;
  /** Begins to live. */
  start(): void;
}

export interface TownOptions {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly fronts: Fronts;
  /** What the phones show. */
  readonly ledger: Ledger;
}

/** The last minutes are quiet: what is on its way comes to an end. */
const LAST_MEASURED_MS = END_MS - 5 * MINUTE_MS;

const liveMachine = (time: VirtualTime, machine: Machine, client: Client): void => {
  const { plan } = machine;
  const at = (atMs: number, work: () => void): void => void time.after(atMs - time.now(), work);
  const stop = time.every(plan.everyMs, () => {
    if (time.now() > LAST_MEASURED_MS || client.isDead()) return stop();
    client.say(machine.measure());
  });
  for (const atMs of plan.garbageAtMs) at(atMs, () => client.say(machine.sayGarbage()));
  for (const atMs of plan.rebootsAtMs)
    at(atMs, () => {
      machine.reboot();
      client.lose(30_000);
    });
};

export const createTown = ({ plan, time, trace, fronts, ledger }: TownOptions): Town => {
  const { seed, disturbances } = plan;
  const at = (atMs: number, work: () => void): void => void time.after(atMs - time.now(), work);
  const items = createItems({ episodes: plan.episodes, now: time.now, after: at });
  const machines = new Map<string, Machine>();
  const clientOf = new Map<string, Client>();
  const clients = plan.clients.map((clientPlan) => {
    const own = clientPlan.machines.map((machine) =>
      createMachine({ town: plan.town, plan: machine, items, now: time.now }),
    );
    const client = createClient({
      plan: clientPlan,
      machines: own,
      secret: secretOf(clientPlan.id),
      net: disturbances.net,
      quietFromMs: LAST_MEASURED_MS,
      random: stream(seed, `network/${clientPlan.id}`),
      timers: time,
      edge: () => fronts.edge,
      note: (what) => trace.note(clientPlan.id, what),
    });
    for (const machine of own) {
      machines.set(machine.plan.id, machine);
      clientOf.set(machine.plan.id, client);
    }
    return client;
  });

  const problems = new Set<string>();
  const people = createPeople({
    seed,
    ledger,
    timers: time,
    items,
    tokens: new Map([...CREWS, 'dispatcher'].map((id) => [id, tokenOf(id)])),
    phone: createPhone({
      timers: time,
      random: stream(seed, 'phones'),
      api: (): HttpApp | null => fronts.api,
      impatient: disturbances.impatient,
      note: (what) => trace.note('phone', what),
    }),
    note: trace.note,
    onProblem: ({ message }) => void problems.add(message),
  });

  const start = (): void => {
    items.onCode(({ episode: { equipment, unit, sign }, active }) => {
      trace.note(equipment, `${unit} ${sign} ${active ? 'on' : 'off'}`);
      clientOf.get(equipment)?.say((machines.get(equipment) as Machine).sayCode(unit, sign, active));
    });
    for (const client of clients) client.start();
    for (const machine of machines.values())
      liveMachine(time, machine, clientOf.get(machine.plan.id) as Client);
    for (const { client: id, atMs, noticeMs } of disturbances.flaps)
      at(atMs, () => clients.find(({ plan: { id: its } }) => its === id)?.lose(noticeMs));
    for (const { client: id, fromMs, toMs } of disturbances.offline)
      at(fromMs, () => {
        const client = clients.find(({ plan: { id: its } }) => its === id);
        trace.note(id, 'has no network');
        client?.stayAway(toMs);
        client?.lose(60_000);
      });
    const { gone } = disturbances;
    if (gone)
      at(gone.atMs, () => {
        trace.note(gone.client, 'dies for good');
        clients.find(({ plan: { id: its } }) => its === gone.client)?.die();
      });
    ledger.onChange(() => void people.look());
  };
  const isDead = (equipment: string): boolean => clientOf.get(equipment)?.isDead() ?? false;
  return { machines, clients, items, people, problems, isDead, start };
};
