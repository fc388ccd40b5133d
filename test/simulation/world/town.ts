import type { HttpApp } from '../../../api/context.ts';
import { stream } from '../../../simulators/random/stream.ts';
import type { Ledger, Role } from '../../../store/ledger.ts';
import { hashSecret } from '../../../store/secret.ts';
import type { VirtualTime } from '../../../time/virtual.ts';
import { END_MS, MINUTE_MS, type Plan } from '../plan.ts';
import type { Fronts } from '../service/parts.ts';
import type { Trace } from '../trace.ts';
import { type Client, createClient } from './client.ts';
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
  /** Begins to live. */
  start(): void;
}

const CREWS = ['crew-east', 'crew-north', 'crew-west'] as const;
const SECRET_KEY = 'simulated-secret-key';
const secretOf = (id: string): string => `secret-of-${id}`;
const tokenOf = (id: string): string => `token-of-${id}`;

const SITES = [
  { id: 'wulin', name: 'Wulin', position: { lat: 30.2741, lon: 120.1551 }, timeZone: 'Asia/Shanghai' },
  { id: 'xihu', name: 'West Lake', position: { lat: 30.2431, lon: 120.1398 }, timeZone: 'Asia/Shanghai' },
];

/** The town as its operator entered it: sites, machines with their secrets, crews with their tokens. */
export const furnish = async (ledger: Ledger, plan: Plan, nowMs: number): Promise<void> => {
  await ledger.transaction(async (tx) => {
    await tx.settings.set('secret-key', SECRET_KEY);
    for (const site of SITES) await tx.sites.put(site, nowMs);
    for (const { id, machines } of plan.clients) {
      for (const { id: machine, site, model } of machines)
        await tx.equipment.put({ id: machine, site, model, name: machine }, nowMs);
      const equipment = machines.map((machine) => ({ id: machine.id, site: machine.site }));
      await tx.credentials.put({ id, secretHash: hashSecret(SECRET_KEY, secretOf(id)), equipment }, nowMs);
    }
    for (const [i, id] of CREWS.entries())
      await tx.crews.put(
        {
          id,
          name: id,
          station: null,
          position: { lat: 30.25 + i / 50, lon: 120.16 },
          skills: ['PSH', 'washer'],
          shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
          timeZone: 'Asia/Shanghai',
          active: true,
        },
        nowMs,
      );
    const grant = (id: string, role: Role, crew: string | null): Promise<void> =>
      tx.people.grant({
        hash: hashSecret(SECRET_KEY, tokenOf(id)),
        kind: 'token',
        subject: id,
        role,
        crew,
        createdAtMs: nowMs,
        expiresAtMs: null,
      });
    for (const id of CREWS) await grant(id, 'crew', id);
    await grant('dispatcher', 'dispatcher', null);
  });
};

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
    if (time.now() > LAST_MEASURED_MS) return stop();
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
    ledger.onChange(() => void people.look());
  };
  return { machines, clients, items, people, start };
};
