import type {
  AlertDetailView,
  AlertView,
  DeliveryView,
  QuarantineView,
  ReaderView,
} from '../../api/contract/schemas.ts';
import type { Town } from './town.ts';

/* What the stand-in answers about findings, readers, quarantine and the outbox. */
const MINUTE = 60_000;

/** Only a dispatcher may ask. */
export const FOR_DESK: ReadonlySet<string> = new Set(['/readers', '/quarantine', '/outbox', '/deliveries']);

type Entry = AlertDetailView['timeline'][number];

const historyOf = (alert: AlertView): Entry[] => {
  const entry = (at: string, type: string, reason: string): Entry => ({
    ...{ at, type, reason },
    actor: null,
    note: null,
  });
  const [began, ended] =
    alert.evidence.detector.name === 'fault-code'
      ? ['fault-active', 'fault-inactive']
      : alert.evidence.detector.name === 'drift'
        ? ['drifting-to-limit', 'drift-stopped']
        : ['level-shifted', 'level-normal'];
  return [
    entry(alert.raisedAt, 'raised', began!),
    ...(alert.ticket === null ? [] : [entry(alert.raisedAt, 'ticketed', 'ticket-opened-or-joined')]),
    ...(alert.clearedAt === null ? [] : [entry(alert.clearedAt, 'cleared', ended!)]),
  ];
};

const reader = (name: string, more: Partial<ReaderView>): ReaderView => ({
  ...{ reader: name, partition: 0, offset: 48_200, reached: 48_211, lagRecords: 0, lagMs: 0 },
  ...{ stopped: null, here: true },
  ...more,
});

const quarantineOf = (town: Town, nowMs: number): QuarantineView => {
  if (town.machines.length === 0) return { items: [], next: null, counts: [] };
  const at = (minutes: number): string => new Date(nowMs - minutes * MINUTE).toISOString();
  const one = { equipment: 'garage-1', channel: 'telemetry', partition: 0, index: 0 };
  return {
    items: [
      {
        ...one,
        ...{
          at: at(2),
          reason: 'not-json',
          offset: 48_190,
          payload: '{"ts":1764000000000,"unit":"bay7","val',
        },
        detail: 'the payload is not JSON: it ends in the middle of a text; send the whole object',
      },
      {
        ...one,
        ...{
          at: at(35),
          reason: 'future',
          offset: 47_801,
          payload: '{"ts":1864000000000,"values":{"currentA":3}}',
        },
        detail: 'ts is 38 months ahead; set the clock of the machine',
      },
    ],
    next: null,
    counts: [
      { reason: 'not-json', count: 14 },
      { reason: 'future', count: 1 },
    ],
  };
};

const deadOf = (town: Town, nowMs: number): DeliveryView[] => {
  if (town.machines.length === 0) return [];
  const at = new Date(nowMs - 70 * MINUTE).toISOString();
  return [
    {
      ...{
        id: 7,
        channel: 'pager',
        state: 'dead' as const,
        attempts: 12,
        createdAt: at,
        dueAt: at,
        endedAt: at,
      },
      ...{ reason: 'http-503', message: 'm7' },
      notice: {
        ...{
          id: 'n7',
          kind: 'not-acknowledged' as const,
          at,
          audience: 'dispatcher',
          severity: 'S1' as const,
        },
        ...{ reason: null, crew: 'crew-1', channel: null, ticket: 'T-1045', equipment: 'garage-2' },
        ...{ needsAcknowledgement: false, holds: true },
        words: {
          en: 'T-1045: Crew Chen did not accept in time',
          zh: 'T-1045\uff1a\u9648\u73ed\u672a\u6309\u65f6\u63a5\u5355',
        },
      },
    },
  ];
};

export interface Desk {
  /** Null: nothing of the desk's is there. */
  answer(path: string): unknown;
  take(path: string, note: string | null, actor: string): unknown;
}

export const newDesk = (town: Town, clock: () => number): Desk => {
  const details = new Map<string, AlertDetailView>(
    town.alerts.map((alert) => [alert.id, { ...alert, timeline: historyOf(alert) }]),
  );
  let dead = deadOf(town, clock());
  return {
    answer: (path) => {
      const [, noun, id] = path.split('/');
      if (noun === 'alerts') return details.get(id ?? '') ?? null;
      if (path === '/readers')
        return {
          items:
            town.machines.length === 0
              ? []
              : [
                  reader('recorder', {}),
                  reader('watcher', { reached: 47_900, lagRecords: 311, lagMs: 12_300 }),
                ],
        };
      if (path === '/quarantine') return quarantineOf(town, clock());
      if (path === '/outbox')
        return {
          ...{ waiting: dead.length, sending: 0, dead: dead.length, pausedChannels: dead.length },
          oldestAt: dead[0]?.createdAt ?? null,
        };
      if (path === '/deliveries') return { items: dead, next: null };
      return null;
    },
    take: (path, note, actor) => {
      const [, noun, id, action] = path.split('/');
      if (noun === 'deliveries') {
        const found = dead.find((one) => one.id === Number(id));
        dead = dead.filter((one) => one !== found);
        return found ? { ...found, state: action === 'retry' ? 'waiting' : 'dismissed' } : null;
      }
      const alert = details.get(id ?? '');
      if (!alert) return null;
      const at = new Date(clock()).toISOString();
      const isFirst = action === 'acknowledge' && alert.acknowledgedAt === null;
      const entry = { at, type: isFirst ? 'acknowledged' : 'commented', reason: 'by-person', actor, note };
      const next: AlertDetailView = {
        ...alert,
        ...(isFirst ? { acknowledgedAt: at, acknowledgedBy: actor } : {}),
        timeline: [...alert.timeline, entry],
      };
      details.set(alert.id, next);
      return next;
    },
  };
};
