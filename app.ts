import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type Api, startApi } from './api/server.ts';
import { type Broker, startBroker } from './broker/broker.ts';
import { openRulesFile, type RulesFile } from './catalogue/rules/source.ts';
import { type Address, type Config, ConfigError, FileError, type PartRole } from './config.ts';
import type { Catalogue } from './core/fault/catalogue.ts';
import { startDesk } from './dispatch/desk.ts';
import { startMessenger } from './dispatch/messenger.ts';
import type { Notify } from './dispatch/notify/notify.ts';
import { createWebhook } from './dispatch/notify/webhook.ts';
import { createModelTeller } from './ingest/models.ts';
import { startRecorder } from './ingest/recorder.ts';
import { type Roller, startRoller } from './ingest/roller.ts';
import { type RulesKeeper, startRulesKeeper } from './ingest/rules.ts';
import { startWatcher, type Watcher } from './ingest/watcher.ts';
import { type Parts, serviceHealth, serviceReaders, serviceStats } from './metrics.ts';
import { adoptLog } from './store/adopt.ts';
import type { Ledger } from './store/ledger.ts';
import type { Log } from './store/log.ts';
import { rowsOf } from './store/rows.ts';
import { openSqliteLog } from './store/sqlite/log.ts';
import type { TelemetryStore } from './store/telemetry.ts';
import { openLedger, openTelemetry } from './stores.ts';
import { repeat } from './time/repeat.ts';
import type { Timers } from './time/timers.ts';

/**
 * Wires the service: equipment → broker → log → ingest → store → dispatch → api. Given timers and a source
 * of ids, it has neither itself.
 */
export interface AppOptions {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly timers: Timers;
  readonly newId: () => string;
  /** In [0, 1): the jitter of retries. */
  readonly random?: () => number;
  /** How a webhook is sent; by HTTP where nothing else is given. */
  readonly webhook?: Notify;
  readonly logger: Logger;
  /** One-time token of the set-up link, where the ledger has no people yet. */
  readonly setupToken?: string | null;
}

export interface App {
  readonly ledger: Ledger;
  readonly telemetry: TelemetryStore;
  /** Where the dashboard and MQTT are; null where that part does not run here. */
  readonly httpUrl: string | null;
  readonly mqttUrl: string | null;
  /** Reads the rules file now; one that can't be is refused, and the rules before it stay. */
  reloadRules(): Promise<void>;
  close(): Promise<void>;
}

const TICK_MS = 1_000;
/** A rules file that was changed is taken up after two of these. */
const RULES_MS = 1_000;
const TRIM_MS = 30_000;
const EXPIRE_MS = 3_600_000;
const DASHBOARD = fileURLToPath(new URL('./dashboard/dist', import.meta.url));
/** These readers follow the log; it is trimmed behind the slower of them. */
export const READERS = ['recorder', 'watcher'] as const;

const portInUse = (key: string, { host, port }: Address, cause: NodeJS.ErrnoException): never => {
  if (cause.code === 'EADDRINUSE') {
    throw new ConfigError(
      `${key}=${host}:${port}: the port is in use; set ${key} to another, e.g. ${key}=${host}:${port + 1}`,
    );
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'EACCES' || cause.code === 'ENOTFOUND') {
    throw new ConfigError(
      `${key}=${host}:${port}: can't listen there (${cause.code}); set ${key} to an address of this machine`,
    );
  }
  throw cause;
};

/** Nobody has been heard since the service was down: last states must not be shown as live. */
export const forgetOnline = async (ledger: Ledger, nowMs: number): Promise<void> => {
  for await (const { id, online, firmware } of rowsOf((page) => ledger.equipment.list(page))) {
    if (online === 'online')
      await ledger.equipment.heard(id, { online: 'unknown', connectionId: null, firmware, atMs: nowMs });
  }
};

/** Starts the parts that the configuration names. @throws ConfigError where the configuration can't be met */
export const startApp = async (options: AppOptions): Promise<App> => {
  const { config, catalogue, timers, newId, logger } = options;
  const clock = timers.now;
  const has = (role: PartRole): boolean => config.roles.has(role);
  const closers: (() => Promise<void>)[] = [];
  const onProblem = ({ what, error }: { readonly what: string; readonly error: Error }): void =>
    logger.error({ err: error }, what);

  /** In the background, while the service runs. */
  const every = (everyMs: number, what: string, work: () => Promise<unknown>): void => {
    closers.push(repeat(timers, everyMs, work, (error) => onProblem({ what, error })));
  };

  const close = async (): Promise<void> => {
    // Last started, first stopped: people, then equipment, then readers, then stores.
    for (const closer of closers.reverse()) {
      await closer().catch((error: Error) => logger.error({ err: error }, 'a part did not close well'));
    }
    closers.length = 0;
  };

  try {
    const rulesFile = await openRules(config, catalogue);
    const ledger = await openLedger(config.ledger, clock);
    closers.push(() => ledger.close());
    const telemetry = await openTelemetry(config.telemetry, timers);
    closers.push(() => telemetry.close());

    const writes = has('broker') || has('ingest') || has('dispatch');
    const log = writes ? await openSqliteLog({ path: config.logPath, maxBytes: config.logMaxBytes }) : null;
    if (log) closers.push(() => log.close());
    if (log) await adopt(log, ledger, clock, logger);

    // Before anything else is heard: the engine knows only the rules that are in the log.
    let watcher: Watcher | null = null;
    let rules: RulesKeeper | null = null;
    if (log && has('ingest')) {
      const held = () => watcher?.held() ?? null;
      const onWarning = (line: string): void => logger.warn(line);
      const source = rulesFile;
      const keeper = await startRulesKeeper({ log, ledger, clock, source, held, onProblem, onWarning });
      const models = await createModelTeller({ log, ledger, clock });
      closers.push(() => models.close());
      await models.look().catch((error: Error) => onProblem({ what: MODELS_PROBLEM, error }));
      every(RULES_MS, MODELS_PROBLEM, models.look);
      every(RULES_MS, 'the rules could not be told to the log', keeper.look);
      rules = keeper;
    }

    const recorder =
      log && has('ingest') ? await startRecorder({ log, telemetry, ledger, timers, onProblem }) : null;
    if (recorder) closers.push(() => recorder.close());
    if (log && has('ingest')) {
      const started = await startWatcher({ log, ledger, telemetry, catalogue, timers, onProblem });
      closers.push(() => started.close());
      watcher = started;
    }

    const desk = log && has('dispatch') ? startDesk({ ledger, log, catalogue, timers, onProblem }) : null;
    if (desk) closers.push(() => desk.close());
    const messenger = has('dispatch')
      ? startMessenger({
          ...{ ledger, catalogue, timers, onProblem },
          random: options.random ?? Math.random,
          notify: { webhook: options.webhook ?? createWebhook({ timers }) },
          publicUrl: config.publicUrl,
        })
      : null;
    if (messenger) closers.push(() => messenger.close());

    let broker: Broker | null = null;
    if (log && has('broker')) {
      await forgetOnline(ledger, clock());
      broker = await startBroker({
        listen: config.mqtt,
        log,
        ledger,
        timers,
        newId,
        open: config.open,
        logger,
      }).catch((cause: NodeJS.ErrnoException) => portInUse('PRECALL_MQTT', config.mqtt, cause));
      const started = broker;
      closers.push(() => started.close());
      // Time passes for the engine by records, so that a replay sees the same time as we do.
      every(TICK_MS, 'a tick could not be logged', () => log.append({ kind: 'tick', receivedAtMs: clock() }));
    }

    if (log && has('ingest')) every(TRIM_MS, 'the log could not be trimmed', () => trim(log, ledger));
    let roller: Roller | null = null;
    if (has('ingest')) {
      const { rawMs, hourlyMs } = config.retention;
      const started = startRoller({ telemetry, ledger, timers, rawMs, onProblem });
      closers.push(() => started.close());
      roller = started;
      every(EXPIRE_MS, 'old telemetry could not be dropped', () =>
        telemetry.expire({ rawMs: clock() - rawMs, hourlyMs: clock() - hourlyMs }),
      );
    }

    const parts: Parts = {
      ledger,
      telemetry,
      log,
      broker,
      recorder,
      watcher,
      roller,
      rules,
      desk,
      messenger,
    };
    let api: Api | null = null;
    if (has('api')) {
      api = await startApi({
        listen: config.http,
        ledger,
        telemetry,
        log,
        catalogue,
        timers,
        newId,
        publicUrl: config.publicUrl,
        dashboardDir: DASHBOARD,
        stats: () => serviceStats(parts),
        health: () => serviceHealth(parts),
        readers: () => serviceReaders(parts),
        logger,
        ...(broker ? { mqttUrl: mqttUrl(config.mqtt.host, broker.port) } : {}),
        setupToken: options.setupToken ?? null,
      }).catch((cause: NodeJS.ErrnoException) => portInUse('PRECALL_HTTP', config.http, cause));
      const started = api;
      closers.push(() => started.close());
    }
    return {
      ledger,
      telemetry,
      httpUrl: api?.url ?? null,
      mqttUrl: broker ? mqttUrl(config.mqtt.host, broker.port) : null,
      reloadRules: async () => rules?.reload(),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
};

const mqttUrl = (host: string, port: number): string =>
  `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Before anything is appended: offsets in the ledger must be this log's. @throws ForeignLogError */
const adopt = async (log: Log, ledger: Ledger, clock: () => number, logger: Logger): Promise<void> => {
  const { outcome, missed } = await adoptLog({ log, ledger, clock });
  if (outcome === 'replaced')
    logger.warn({ log: log.id }, 'another log lies here than before: going on with this empty one');
  for (const { reader, from, to } of missed)
    logger.error({ reader, from, to }, 'the log has dropped records that this reader never had');
};

const MODELS_PROBLEM = 'models of equipment could not be told to the log';

/** @throws FileError with everything that is wrong in the rules file */
const openRules = async ({ rulesPath }: Config, catalogue: Catalogue): Promise<RulesFile> => {
  const rules = await openRulesFile(rulesPath, catalogue);
  const { errors } = rules.first;
  if (errors.length === 0) return rules;
  throw new FileError(
    `PRECALL_RULES=${rulesPath}: ${errors.length === 1 ? 'an error' : `${errors.length} errors`}; nothing was started`,
    errors,
  );
};

/** The embedded log's only partition. */
const PARTITION = 0;

/** Drops what every reader has behind it. A reader that never committed holds everything. */
export const trim = async (log: Log, ledger: Ledger): Promise<void> => {
  const offsets = await ledger.readers.offsets();
  const of = (reader: string): number =>
    offsets.find((entry) => entry.reader === reader && entry.partition === PARTITION)?.offset ?? -1;
  const slowest = Math.min(...READERS.map(of));
  if (slowest >= 0) await log.trim(slowest + 1);
};
