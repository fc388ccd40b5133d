import type { HealthCode } from './api/contract/health.ts';
import type { HealthReport, ReaderReport, ServiceStats, Stat } from './api/options.ts';
import type { Broker } from './broker/broker.ts';
import type { Desk } from './dispatch/desk.ts';
import type { Messenger, MessengerStats } from './dispatch/messenger.ts';
import type { Recorder } from './ingest/recorder.ts';
import type { Roller } from './ingest/roller.ts';
import type { RulesKeeper } from './ingest/rules.ts';
import type { Watcher } from './ingest/watcher.ts';
import type { ServedLedger } from './store/ledger/served.ts';
import type { Log } from './store/log.ts';
import type { TelemetryStore } from './store/telemetry.ts';

/** The running parts; null where a part does not run in this process. */
export interface Parts {
  readonly ledger: ServedLedger;
  readonly telemetry: TelemetryStore;
  readonly log: Log | null;
  readonly broker: Broker | null;
  readonly recorder: Recorder | null;
  readonly watcher: Watcher | null;
  readonly roller: Roller | null;
  readonly rules: RulesKeeper | null;
  readonly desk: Desk | null;
  readonly messenger: Messenger | null;
}

/** The parts' own named numbers as metrics: one rule for all, so that a new counter is exported by being counted. */
type Numbers = Readonly<Record<string, unknown>>;

const LABELS: Readonly<Record<string, string>> = {
  refused: 'reason',
  quarantined: 'reason',
  messages: 'channel',
};

const snake = (name: string): string =>
  name
    .replaceAll('-', '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

const words = (name: string): string => snake(name).replaceAll('_', ' ');

interface Place {
  readonly part: string;
  readonly path: readonly string[];
  readonly kind: Stat['kind'];
}

const stat = ({ part, path, kind }: Place, key: string, value: number, labels?: Stat['labels']): Stat => {
  const name = [part, ...path, key].map(snake).join('_');
  return {
    name: kind === 'counter' ? `${name}_total` : name,
    help: `${part}: ${[...path, key].map(words).join(' ')}${kind === 'counter' ? ', since start' : ', now'}`,
    kind,
    value,
    ...(labels ? { labels } : {}),
  };
};

/** Numbers become metrics, booleans 0 or 1, `now` gauges; maps named in LABELS become one metric with a label. */
const flatten = (place: Place, numbers: Numbers): Stat[] =>
  Object.entries(numbers).flatMap(([key, value]): Stat[] => {
    if (typeof value === 'number') return Number.isFinite(value) ? [stat(place, key, value)] : [];
    if (typeof value === 'boolean') return [stat({ ...place, kind: 'gauge' }, key, value ? 1 : 0)];
    if (value === null || typeof value !== 'object') return [];
    if (key === 'now') return flatten({ ...place, kind: 'gauge' }, value as Numbers);
    const label = LABELS[key];
    if (label === undefined) return flatten({ ...place, path: [...place.path, key] }, value as Numbers);
    return Object.entries(value as Record<string, number>).map(([name, number]) =>
      stat(place, key, number, { [label]: name }),
    );
  });

const counters = (part: string, numbers: Numbers | undefined): Stat[] =>
  numbers === undefined ? [] : flatten({ part, path: [], kind: 'counter' }, numbers);

const gauges = (part: string, numbers: Numbers): Stat[] =>
  flatten({ part, path: [], kind: 'gauge' }, numbers);

/** How far each reader of the log is; without a log here, nobody can say what lies before them. */
export const serviceReaders = async ({ log, ledger, recorder, watcher }: Parts): Promise<ReaderReport[]> => {
  const held = await log?.stats();
  const running = new Map<string, Recorder | Watcher | null>(Object.entries({ recorder, watcher }));
  return (await ledger.readers.offsets()).map(({ reader, partition, offset }) => {
    const here = running.get(reader) ?? null;
    const now = here?.stats().now ?? null;
    // What a reader's offset lies before and the log no longer holds is not before it.
    const next = Math.max((now?.reached ?? offset) + 1, held?.firstOffset ?? 0);
    return {
      ...{ reader, partition, offset, isHere: here !== null },
      reached: now?.reached ?? null,
      lagRecords: held ? Math.max(0, held.nextOffset - next) : null,
      lagMs: now?.lagMs ?? null,
      stopped: here?.stopped() ?? null,
    };
  });
};

/** Records that a reader has still before it. */
const lags = async (parts: Parts): Promise<Stat[]> =>
  (await serviceReaders(parts)).flatMap(({ reader, partition, lagRecords }) =>
    lagRecords === null
      ? []
      : [
          {
            name: 'reader_lag_records',
            help: 'records of the log that a reader here has not dealt with, or one elsewhere not committed yet',
            kind: 'gauge',
            value: lagRecords,
            labels: { reader, partition: String(partition) },
          },
        ],
  );

/** What only the ledger knows; while it is away its own figures are missing, and the others stand. */
const ledgerStats = async (parts: Parts): Promise<Stat[]> => {
  const { ledger, messenger } = parts;
  try {
    const quarantined = await ledger.readers.quarantineCounts();
    return [
      ...gauges('ledger', { up: true }),
      ...(await lags(parts)),
      ...counters('messenger', await messenger?.stats()),
      ...quarantined.map(
        ({ reason, count }): Stat => ({
          name: 'quarantine_total',
          help: 'messages, or members of messages, put in quarantine since the ledger began',
          kind: 'counter',
          value: count,
          labels: { reason },
        }),
      ),
    ];
  } catch {
    return gauges('ledger', { up: false });
  }
};

/** A store that is away has no figures. */
const telemetryStats = async (telemetry: TelemetryStore): Promise<Stat[]> => {
  try {
    await telemetry.ping();
    return gauges('telemetry', { up: true, ...(await telemetry.stats()) });
  } catch {
    return gauges('telemetry', { up: false });
  }
};

/** Who waits for the ledger now, and who was turned away because too many did. */
const queueStats = (ledger: ServedLedger): Stat[] =>
  Object.entries(ledger.queues()).flatMap(([name, { waiting, refused }]) => [
    ...gauges('ledger', { [`${name}Waiting`]: waiting }),
    ...counters('ledger', { [`${name}Refused`]: refused }),
  ]);

export const serviceStats = async (parts: Parts): Promise<ServiceStats> => {
  const { log, telemetry, ledger, broker, recorder, watcher, rules, desk } = parts;
  return [
    ...counters('broker', broker?.stats() as Numbers | undefined),
    ...(log ? logStats(await log.stats()) : []),
    ...queueStats(ledger),
    ...(await ledgerStats(parts)),
    ...counters('recorder', recorder?.stats() as Numbers | undefined),
    ...counters('watcher', watcher?.stats() as Numbers | undefined),
    ...counters('roller', parts.roller?.stats()),
    ...counters('rules', rules?.stats()),
    ...counters('desk', desk?.stats()),
    ...(await telemetryStats(telemetry)),
  ];
};

const logStats = ({
  groups,
  appended,
  refused,
  broken,
  ...held
}: Awaited<ReturnType<NonNullable<Parts['log']>['stats']>>): Stat[] => [
  ...counters('log', { groups, appended, refusedAppends: refused }),
  ...gauges('log', { ...held, broken: broken !== null }),
];

/** Above this share of its limit the log says so before it is full. */
const LOG_WARN = 0.9;

const OLD_NOTICE_MS = 15 * 60_000;

type Finding = readonly [code: HealthCode, words: string];

const messengerFindings = ({ dead, pausedChannels, oldestAgeMs }: MessengerStats['now']): Finding[] => {
  const findings: Finding[] = [];
  if (dead > 0)
    findings.push([
      'notices-dead',
      `${dead} notices could not be delivered: judge them under GET /api/v1/deliveries?state=dead`,
    ]);
  if (pausedChannels > 0)
    findings.push([
      'channels-paused',
      `${pausedChannels} channels fail and are paused: see GET /api/v1/channels, or npx precall channel list`,
    ]);
  if (oldestAgeMs > OLD_NOTICE_MS)
    findings.push([
      'notices-late',
      `the oldest notice has waited for ${Math.round(oldestAgeMs / 60_000)} min`,
    ]);
  return findings;
};

/** Why a store did not answer; null where it did. */
const whyAway = (asked: Promise<unknown>): Promise<string | null> =>
  asked.then(
    () => null,
    (error: Error) => error.message.split('\n')[0] ?? error.name,
  );

/** Ready means: what equipment sends is kept, and somebody would hear of it. */
export const serviceHealth = async ({
  log,
  ledger,
  telemetry,
  broker,
  recorder,
  watcher,
  messenger,
}: Parts): Promise<HealthReport> => {
  const reasons: Finding[] = [];
  if (log) {
    const { bytes, maxBytes, broken } = await log.stats();
    if (broken !== null) reasons.push(['log-broken', `nothing is acknowledged: ${broken}`]);
    if (bytes >= maxBytes * LOG_WARN) {
      const share = Math.round((100 * bytes) / maxBytes);
      reasons.push([
        'log-filling',
        `the log holds ${share} % of PRECALL_LOG_MAX: is a reader standing still?`,
      ]);
    }
  }
  if (broker?.stats().now.logFull)
    reasons.push([
      'log-full',
      'the log is full: messages are not acknowledged; raise PRECALL_LOG_MAX or mend the reader that lags',
    ]);
  for (const [name, reader] of [
    ['recorder', recorder],
    ['watcher', watcher],
  ] as const) {
    const stopped = reader?.stopped();
    if (stopped) reasons.push([`${name}-stopped`, `the ${name} has stopped: ${stopped}`]);
  }
  const [away, unstored] = await Promise.all([whyAway(ledger.head()), whyAway(telemetry.ping())]);
  if (away !== null)
    reasons.push([
      'ledger-away',
      `the ledger does not answer (${away}): what connected equipment sends is kept in the log, tickets and sign-ins wait`,
    ]);
  const unwritten = ledger.trouble();
  if (away === null && unwritten !== null)
    reasons.push([
      'ledger-not-written',
      `nothing is written to the ledger: ${unwritten}; what equipment sends is kept in the log`,
    ]);
  const notes: Finding[] = [];
  // What was acknowledged is kept and judged all the same: no reason to send crews and machines elsewhere.
  if (unstored !== null)
    notes.push([
      'telemetry-away',
      `readings wait in the log, the telemetry store does not answer (${unstored}): start its server again`,
    ]);
  if (messenger && away === null) notes.push(...messengerFindings((await messenger.stats()).now));
  const wordsOf = (findings: readonly Finding[]): string[] => findings.map(([, text]) => text);
  return {
    ready: reasons.length === 0,
    codes: [...reasons, ...notes].map(([code]) => code),
    reasons: wordsOf(reasons),
    ...(notes.length > 0 ? { notes: wordsOf(notes) } : {}),
  };
};
