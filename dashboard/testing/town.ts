import type {
  AlertView,
  CrewView,
  EvidenceView,
  SiteView,
  TicketEntryView,
} from '../../api/contract/schemas.ts';
import { alertWords, bringWords } from '../../core/alert/words.ts';
import { PROMISES } from '../../core/dispatch/promise.ts';
import type { Ticket } from '../../core/ticket/ticket.ts';
import { catalogue } from './catalogue.ts';
import { bays, type Machine, machine } from './machines.ts';
import { DAY, HOUR, iso, MINUTE } from './time.ts';

/** A made-up town in the API's shapes, the same at every start but for the time it is told. */
export interface Town {
  readonly sites: readonly SiteView[];
  readonly crews: readonly CrewView[];
  readonly machines: readonly Machine[];
  readonly alerts: readonly AlertView[];
  readonly tickets: readonly { readonly ticket: Ticket; readonly timeline: readonly TicketEntryView[] }[];
}

const SITES: readonly SiteView[] = [
  { id: 'wanda', name: 'Wanda Plaza', position: { lat: 26.6512, lon: 106.6332 }, timeZone: 'Asia/Shanghai' },
  { id: 'huaguo', name: 'Huaguoyuan', position: { lat: 26.5683, lon: 106.6981 }, timeZone: 'Asia/Shanghai' },
];

const always = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }];
const crew = (
  id: string,
  name: string,
  lat: number,
  lon: number,
  skills: string[],
  active = true,
): CrewView => ({
  id,
  name,
  station: '4S Guanshanhu',
  position: { lat, lon },
  skills,
  shifts: always,
  timeZone: 'Asia/Shanghai',
  active,
});
const CREWS: readonly CrewView[] = [
  crew('crew-1', 'Crew Chen', 26.6405, 106.6468, ['PSH', 'PCS']),
  crew('crew-2', 'Crew Li', 26.5801, 106.7122, [
    'PSH',
    'fridge',
    'aircon',
    'washer',
    'oven',
    'kettle',
    'ricecooker',
  ]),
  crew('crew-3', 'Crew Wang', 26.6011, 106.6802, ['fridge', 'aircon']),
];

const evidence = (nowMs: number, more: Partial<EvidenceView>): EvidenceView => ({
  detector: { name: 'limit', version: 1 },
  metric: null,
  code: null,
  window: { from: iso(nowMs - 2 * HOUR), to: iso(nowMs) },
  expected: null,
  seen: null,
  crossing: null,
  sample: null,
  others: [],
  peers: null,
  rules: null,
  detail: null,
  ...more,
});

const alert = (
  id: string,
  nowMs: number,
  given: Pick<AlertView, 'equipment' | 'unit' | 'component' | 'rule' | 'severity' | 'evidence'> &
    Partial<AlertView>,
): AlertView => {
  const raisedAt = given.raisedAt ?? iso(nowMs - HOUR);
  const made = {
    id,
    state: 'active' as const,
    updatedAt: iso(nowMs),
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    ticket: null,
    ...given,
    raisedAt,
  };
  const e = made.evidence;
  const summary = alertWords(catalogue, {
    unit: made.unit,
    component: made.component,
    rule: made.rule,
    evidence: {
      ...e,
      detector: e.detector as never,
      rules: e.rules ?? '',
      window: { fromMs: Date.parse(e.window.from), toMs: Date.parse(e.window.to) },
      sample: null,
      others: e.others.map(({ since, ...one }) => ({ ...one, sinceMs: Date.parse(since) })),
      crossing: e.crossing && {
        limit: e.crossing.limit,
        atMs: Date.parse(e.crossing.at),
        earliestMs: Date.parse(e.crossing.earliestAt),
        latestMs: e.crossing.latestAt === null ? null : Date.parse(e.crossing.latestAt),
      },
    },
  });
  return { ...made, summary } as AlertView;
};

const ticket = (
  id: string,
  nowMs: number,
  given: Partial<Ticket> & Pick<Ticket, 'equipment' | 'component' | 'cause' | 'severity' | 'site'>,
): Ticket => {
  const openedAtMs = given.openedAtMs ?? nowMs - 10 * MINUTE;
  return {
    id,
    unit: '',
    state: 'open',
    source: 'telemetry',
    updatedAtMs: nowMs,
    version: 1,
    alerts: [],
    crew: null,
    asked: given.crew ? [given.crew] : [],
    acknowledgeByMs: null,
    holdUntilMs: null,
    acknowledgedAtMs: null,
    departedAtMs: null,
    arrivedAtMs: null,
    etaAtMs: null,
    dueAtMs: openedAtMs + PROMISES[given.severity].arriveMs,
    resolvedAtMs: null,
    closedAtMs: null,
    closeReason: null,
    reporter: null,
    words: null,
    ...given,
    openedAtMs,
  };
};

const line = (
  version: number,
  atMs: number,
  what: string,
  to: TicketEntryView['to'],
  more: Partial<TicketEntryView> = {},
): TicketEntryView => ({
  version,
  at: iso(atMs),
  heardAt: iso(atMs),
  what,
  actor: 'system',
  from: null,
  to,
  crew: null,
  reason: null,
  note: null,
  ...more,
});

export const bringOf = (t: Ticket) => bringWords(catalogue, t.cause, t.component);

/** Everything as it stands at `nowMs`. */
export const newTown = (nowMs: number): Town => {
  const chainAt = nowMs + 1.9 * DAY;
  const chain = {
    limit: 2,
    at: iso(chainAt),
    earliestAt: iso(nowMs + 1.3 * DAY),
    latestAt: iso(nowMs + 3.1 * DAY),
  };
  const dutyAt = nowMs + 4.6 * DAY;
  const machines = [
    machine('garage-1', 'Wanda B2 garage', 'wanda', 'PSH-7', bays(12), nowMs, {
      health: 'due',
      remainingLife: [{ unit: 'bay7', component: 'hoist', metric: 'chainElongationPct', ...chain }],
    }),
    machine('garage-2', 'Huaguoyuan tower garage', 'huaguo', 'PCS-25', ['lift1', 'lift2'], nowMs, {
      health: 'down',
    }),
    machine('garage-3', 'Wanda B3 garage, north entrance by the cinema', 'wanda', 'PSH-9', bays(9), nowMs),
    machine('fridge-1', 'Fridge 1203', 'huaguo', 'fridge-BCD452', [], nowMs),
    machine('fridge-2', 'Fridge 0807', 'huaguo', 'fridge-BCD452', [], nowMs, {
      health: 'due',
      remainingLife: [
        {
          unit: '',
          component: 'compressor',
          metric: 'compressorDutyPct',
          limit: 85,
          at: iso(dutyAt),
          earliestAt: iso(nowMs + 3 * DAY),
          latestAt: null,
        },
      ],
    }),
    machine('aircon-1', 'Air conditioner 1203', 'huaguo', 'aircon-KFR35', [], nowMs, { health: 'watch' }),
    machine('aircon-2', 'Air conditioner lobby', 'wanda', 'aircon-KFR72', [], nowMs),
    machine('washer-1', 'Washer 0807', 'huaguo', 'washer-XQG100', [], nowMs, {
      online: 'offline',
      onlineAt: iso(nowMs - 3.1 * HOUR),
      lastHeardAt: iso(nowMs - 3.1 * HOUR),
    }),
    machine('washer-2', 'Washer 1501', 'huaguo', 'washer-XQG100', [], nowMs),
    machine('oven-1', 'Oven 1203', 'huaguo', 'oven-T60', [], nowMs, {
      online: 'unknown',
      onlineAt: null,
      lastHeardAt: null,
      health: 'unknown',
      firmware: null,
      series: [],
    }),
    machine('kettle-1', 'Kettle 1501', 'huaguo', 'kettle-SWF17', [], nowMs),
    machine('ricecooker-1', 'Rice cooker 1501', 'huaguo', 'ricecooker-F50', [], nowMs),
  ];
  const alerts = [
    alert('a-chain', nowMs, {
      equipment: 'garage-1',
      unit: 'bay7',
      component: 'hoist',
      rule: 'drift:chainElongationPct:high',
      severity: 'S3',
      raisedAt: iso(nowMs - 1.6 * DAY),
      ticket: 'T-1042',
      evidence: evidence(nowMs, {
        detector: { name: 'drift', version: 1 },
        metric: 'chainElongationPct',
        window: { from: iso(nowMs - 9 * DAY), to: iso(nowMs - 20 * MINUTE) },
        expected: { low: 0.6, high: 0.82 },
        seen: 1.83,
        crossing: chain,
        rules: 'builtin-1',
        peers: {
          model: 'PSH-7',
          count: 24,
          band: { low: 0.58, high: 0.91 },
          sample: [
            { equipment: 'garage-1', unit: 'bay3', level: 0.71 },
            { equipment: 'garage-2', unit: 'bay2', level: 0.76 },
          ],
        },
      }),
    }),
    alert('a-current', nowMs, {
      equipment: 'garage-1',
      unit: 'bay7',
      component: 'hoist',
      rule: 'shift:hoistCurrentA:high',
      severity: 'watch',
      raisedAt: iso(nowMs - 0.8 * DAY),
      ticket: 'T-1042',
      evidence: evidence(nowMs, {
        detector: { name: 'level-shift', version: 1 },
        metric: 'hoistCurrentA',
        window: { from: iso(nowMs - 0.9 * DAY), to: iso(nowMs) },
        expected: { low: 7.8, high: 9.4 },
        seen: 9.36,
      }),
    }),
    alert('a-g06', nowMs, {
      equipment: 'garage-2',
      unit: 'lift1',
      component: 'hoist',
      rule: 'fault:G06',
      severity: 'S1',
      raisedAt: iso(nowMs - 6 * MINUTE),
      ticket: 'T-1045',
      evidence: evidence(nowMs, {
        detector: { name: 'fault-code', version: 1 },
        code: 'G06',
        detail: 'lift not at floor 7 after 95 s',
        window: { from: iso(nowMs - 6 * MINUTE), to: iso(nowMs - 6 * MINUTE) },
      }),
    }),
    alert('a-duty', nowMs, {
      equipment: 'fridge-2',
      unit: '',
      component: 'compressor',
      rule: 'drift:compressorDutyPct:high',
      severity: 'S3',
      raisedAt: iso(nowMs - 0.4 * DAY),
      ticket: 'T-1043',
      evidence: evidence(nowMs, {
        detector: { name: 'drift', version: 1 },
        metric: 'compressorDutyPct',
        window: { from: iso(nowMs - 8 * DAY), to: iso(nowMs) },
        expected: { low: 46, high: 60 },
        seen: 72.6,
        crossing: { limit: 85, at: iso(dutyAt), earliestAt: iso(nowMs + 3 * DAY), latestAt: null },
      }),
    }),
    alert('a-ac', nowMs, {
      equipment: 'aircon-1',
      unit: '',
      component: 'motor',
      rule: 'shift:currentA:high',
      severity: 'watch',
      raisedAt: iso(nowMs - 0.5 * DAY),
      evidence: evidence(nowMs, {
        detector: { name: 'level-shift', version: 1 },
        metric: 'currentA',
        window: { from: iso(nowMs - 0.7 * DAY), to: iso(nowMs) },
        expected: { low: 5.4, high: 6.9 },
        seen: 7.72,
      }),
    }),
    alert('a-old', nowMs, {
      equipment: 'garage-1',
      unit: 'bay3',
      component: 'sensors',
      rule: 'fault:G17',
      severity: 'S3',
      state: 'cleared',
      raisedAt: iso(nowMs - 5.2 * DAY),
      clearedAt: iso(nowMs - 5 * DAY),
      evidence: evidence(nowMs, {
        detector: { name: 'fault-code', version: 1 },
        code: 'G17',
        window: { from: iso(nowMs - 5.2 * DAY), to: iso(nowMs - 5.2 * DAY) },
      }),
    }),
  ];
  const tickets = [
    {
      ticket: ticket('T-1045', nowMs, {
        equipment: 'garage-2',
        site: 'huaguo',
        unit: 'lift1',
        component: 'hoist',
        cause: 'fault:G06',
        severity: 'S1',
        source: 'fault',
        state: 'dispatched',
        crew: 'crew-1',
        alerts: ['a-g06'],
        openedAtMs: nowMs - 6 * MINUTE,
        acknowledgeByMs: nowMs + 2 * MINUTE + 31_000,
        etaAtMs: nowMs + 14 * MINUTE,
        version: 2,
      }),
      timeline: [
        line(1, nowMs - 6 * MINUTE, 'opened', 'open'),
        line(2, nowMs - 6 * MINUTE + 800, 'dispatched', 'dispatched', {
          from: 'open',
          crew: 'crew-1',
          reason: 'nearest-qualified',
        }),
      ],
    },
    {
      ticket: ticket('T-1042', nowMs, {
        equipment: 'garage-1',
        site: 'wanda',
        unit: 'bay7',
        component: 'hoist',
        cause: 'drift:chainElongationPct:high',
        severity: 'S3',
        state: 'enroute',
        crew: 'crew-1',
        alerts: ['a-chain', 'a-current'],
        openedAtMs: nowMs - 1.6 * DAY,
        acknowledgedAtMs: nowMs - 1.59 * DAY,
        departedAtMs: nowMs - 9 * MINUTE,
        etaAtMs: nowMs + 4 * MINUTE,
        version: 6,
      }),
      timeline: [
        line(1, nowMs - 1.6 * DAY, 'opened', 'open'),
        line(2, nowMs - 1.6 * DAY + 900, 'dispatched', 'dispatched', {
          from: 'open',
          crew: 'crew-1',
          reason: 'nearest-qualified',
        }),
        line(3, nowMs - 1.59 * DAY, 'acknowledge', 'acknowledged', {
          from: 'dispatched',
          crew: 'crew-1',
          actor: 'chen',
        }),
        line(4, nowMs - 0.8 * DAY, 'alert-joined', 'acknowledged', { from: 'acknowledged', crew: 'crew-1' }),
        line(5, nowMs - 0.3 * DAY, 'comment', 'acknowledged', {
          from: 'acknowledged',
          crew: 'crew-1',
          actor: 'desk',
          note: 'Attendant keeps bay 7 empty from 14:00. Key is at the booth.',
        }),
        line(6, nowMs - 9 * MINUTE, 'depart', 'enroute', {
          from: 'acknowledged',
          crew: 'crew-1',
          actor: 'chen',
          heardAt: iso(nowMs - 5 * MINUTE),
        }),
      ],
    },
    {
      ticket: ticket('T-1043', nowMs, {
        equipment: 'fridge-2',
        site: 'huaguo',
        component: 'compressor',
        cause: 'drift:compressorDutyPct:high',
        severity: 'S3',
        state: 'acknowledged',
        crew: 'crew-2',
        alerts: ['a-duty'],
        openedAtMs: nowMs - 0.4 * DAY,
        acknowledgedAtMs: nowMs - 0.39 * DAY,
        version: 3,
      }),
      timeline: [line(1, nowMs - 0.4 * DAY, 'opened', 'open')],
    },
    {
      ticket: ticket('T-1044', nowMs, {
        equipment: 'garage-3',
        site: 'wanda',
        unit: 'bay2',
        component: 'door',
        cause: 'reported',
        severity: 'S2',
        source: 'hotline',
        state: 'acknowledged',
        crew: 'crew-1',
        openedAtMs: nowMs - 3.8 * HOUR,
        acknowledgedAtMs: nowMs - 3.7 * HOUR,
        reporter: 'Ms Zhao, booth',
        words: 'The gate of bay 2 closes only on the third try and a car waits behind it.',
        version: 3,
      }),
      timeline: [line(1, nowMs - 3.8 * HOUR, 'opened', 'open', { actor: 'desk' })],
    },
    {
      ticket: ticket('T-1041', nowMs, {
        equipment: 'garage-3',
        site: 'wanda',
        unit: 'bay5',
        component: 'sensors',
        cause: 'fault:G17',
        severity: 'S3',
        source: 'fault',
        state: 'resolved',
        crew: 'crew-2',
        openedAtMs: nowMs - 1.2 * DAY,
        resolvedAtMs: nowMs - 40 * MINUTE,
        version: 7,
      }),
      timeline: [line(1, nowMs - 1.2 * DAY, 'opened', 'open')],
    },
    {
      ticket: ticket('T-1040', nowMs, {
        equipment: 'garage-1',
        site: 'wanda',
        unit: 'bay7',
        component: 'hoist',
        cause: 'fault:G10',
        severity: 'S1',
        source: 'fault',
        state: 'closed',
        crew: 'crew-1',
        openedAtMs: nowMs - 11 * DAY,
        resolvedAtMs: nowMs - 10.9 * DAY,
        closedAtMs: nowMs - 10.8 * DAY,
        closeReason: 'recovery-seen',
        version: 9,
      }),
      timeline: [line(1, nowMs - 11 * DAY, 'opened', 'open')],
    },
  ];
  return { sites: SITES, crews: CREWS, machines, alerts, tickets };
};
