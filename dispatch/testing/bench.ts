import { loadCatalogue } from '../../catalogue/load.ts';
import type { Crew } from '../../core/crew/crew.ts';
import { waitsForAcknowledgement } from '../../core/notice/clocks.ts';
import { newTicket } from '../../core/ticket/open.ts';
import { type StepRequest, step } from '../../core/ticket/step.ts';
import type { Ticket } from '../../core/ticket/ticket.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { ChannelSettings } from '../../store/notices.ts';
import { type VirtualTime, virtualTime } from '../../time/virtual.ts';
import { type Messenger, startMessenger } from '../messenger.ts';
import type { Outgoing, Sent } from '../notify/notify.ts';
import { openInlineLedger } from './ledger.ts';

export const START_MS = Date.parse('2026-11-23T02:00:00Z');
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

const catalogue = await loadCatalogue();

/** What arrived at a receiver, in the order of arrival. */
export interface Arrived {
  readonly atMs: number;
  readonly channel: string;
  readonly message: string;
  readonly notices: readonly string[];
  readonly kinds: readonly string[];
}

export interface Bench {
  readonly ledger: Ledger;
  readonly time: VirtualTime;
  readonly arrived: Arrived[];
  /** Pages that arrived though nobody had to answer any more. */
  readonly late: string[];
  /** What the next attempts on a channel come to; without a plan they arrive. */
  readonly plan: Map<string, (outgoing: Outgoing) => Sent>;
  readonly problems: Error[];
  /** Starts one more messenger, as a process of its own; days pass faster where it looks at its clocks more rarely. */
  start(timerMs?: number): { readonly messenger: Messenger; kill(): void };
  /** Lets time pass; what falls due runs. */
  pass(ms: number): Promise<void>;
  channel(id: string, changed?: Partial<ChannelSettings>): Promise<void>;
  open(id: string, changed?: Partial<Ticket>): Promise<Ticket>;
  act(id: string, request: Pick<StepRequest, 'action'> & Partial<StepRequest>): Promise<Ticket>;
  timeline(id: string): Promise<string[]>;
  close(): Promise<void>;
}

const crew = (id: string): Crew => ({
  id,
  name: id,
  station: `station-${id}`,
  position: { lat: 30.2, lon: 120.1 },
  skills: ['PSH'],
  shifts: [],
  timeZone: 'Asia/Shanghai',
  active: true,
});

export const openBench = async (random: () => number = () => 0): Promise<Bench> => {
  const time = virtualTime(START_MS);
  const ledger = await openInlineLedger(time.now);
  const arrived: Arrived[] = [];
  const late: string[] = [];
  const problems: Error[] = [];
  const plan = new Map<string, (outgoing: Outgoing) => Sent>();
  const processes: (() => void)[] = [];
  await ledger.sites.put({ id: 's1', name: 'East', position: null, timeZone: 'UTC' }, START_MS);
  await ledger.equipment.put({ id: 'g1', site: 's1', model: 'PSH-7', name: 'Garage' }, START_MS);
  for (const id of ['c1', 'c2']) await ledger.crews.put(crew(id), START_MS);

  const webhook = async (outgoing: Outgoing): Promise<Sent> => {
    const sent = plan.get(outgoing.channel.id)?.(outgoing) ?? ({ ok: true } as const);
    if (sent.ok) {
      const { notices } = outgoing.message.data;
      for (const { id, needsAcknowledgement, ticket } of notices) {
        const now = needsAcknowledgement && ticket ? await ledger.tickets.get(ticket.id) : null;
        if (now && !waitsForAcknowledgement(now)) late.push(id);
      }
      arrived.push({
        atMs: time.now(),
        channel: outgoing.channel.id,
        message: outgoing.id,
        notices: notices.map(({ id }) => id),
        kinds: notices.map(({ kind }) => kind),
      });
    }
    return sent;
  };

  return {
    ledger,
    time,
    arrived,
    late,
    plan,
    problems,
    start: (timerMs = SECOND_MS) => {
      const timers = time.process();
      let isAlive = true;
      // A killed process answers nothing any more: its ledger fails under it.
      const dead = () => {
        throw new Error('killed');
      };
      const own: Ledger = {
        ...ledger,
        onChange: (listener) => ledger.onChange(() => isAlive && listener()),
        transaction: async (work) => (isAlive ? ledger.transaction(work) : dead()),
        claiming: async (work) => (isAlive ? ledger.claiming(work) : dead()),
      };
      const messenger = startMessenger({
        ledger: own,
        catalogue,
        timers,
        random,
        notify: { webhook: (outgoing) => (isAlive ? webhook(outgoing) : new Promise(() => undefined)) },
        publicUrl: 'https://precall.test',
        timerMs,
        onProblem: ({ error }) => void (isAlive && problems.push(error)),
      });
      const kill = (): void => {
        isAlive = false;
        timers.end();
      };
      processes.push(kill);
      return { messenger, kill };
    },
    pass: async (ms) => {
      // In steps, so that what needs several turns of the event loop has them.
      const untilMs = time.now() + ms;
      const stepMs = Math.max(500, ms / 400);
      while (time.now() < untilMs) {
        await time.advance(Math.min(untilMs, time.now() + stepMs));
        for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    channel: (id, changed = {}) =>
      ledger.channels.put(
        {
          id,
          kind: 'webhook',
          url: `https://hooks.test/${id}`,
          audience: 'all',
          language: 'en',
          perMinute: 600,
          disabled: false,
          ...changed,
        },
        `whsec_${Buffer.from(id.padEnd(24, '-')).toString('base64')}`,
        time.now(),
      ),
    open: async (id, changed = {}) => {
      const given = {
        id,
        equipment: 'g1',
        unit: id,
        site: 's1',
        component: 'hoist',
        cause: 'reported',
        severity: 'S1',
        source: 'hotline',
      } as const;
      const ticket = { ...newTicket({ ...given, ...changed }, time.now()), ...changed };
      const entry = {
        ticket: id,
        version: 1,
        atMs: time.now(),
        heardAtMs: time.now(),
        what: 'opened',
        actor: 'system',
        from: null,
        to: 'open',
        crew: null,
        reason: null,
        note: null,
      } as const;
      return (await ledger.tickets.open(ticket, entry)).ticket;
    },
    act: (id, request) =>
      ledger.transaction(async (tx) => {
        const ticket = await tx.tickets.get(id);
        if (!ticket) throw new Error(`no ticket ${id}`);
        const nowMs = time.now();
        const actor = { actor: 'li', actorCrew: ticket.crew };
        const result = step(ticket, { atMs: nowMs, heardAtMs: nowMs, ...actor, ...request });
        if (!result.ok) throw new Error(result.detail);
        if (!(await tx.tickets.step(result.ticket, result.entry))) throw new Error('not stepped');
        return result.ticket;
      }),
    timeline: async (id) =>
      (await ledger.tickets.timeline(id)).map(({ what, reason, note }) =>
        what === 'escalated' ? `${what}:${reason}:${note}` : [what, reason].filter(Boolean).join(':'),
      ),
    close: async () => {
      for (const kill of processes) kill();
      await ledger.close();
    },
  };
};
