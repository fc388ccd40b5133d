import pino from 'pino';
import { buildApi } from '../../../api/build.ts';
import type { HttpApp } from '../../../api/context.ts';
import { forgetOnline, trim } from '../../../app.ts';
import { createEdge, type Edge } from '../../../broker/edge.ts';
import type { Catalogue } from '../../../core/fault/catalogue.ts';
import { startDesk } from '../../../dispatch/desk.ts';
import { startMessenger } from '../../../dispatch/messenger.ts';
import type { Notify } from '../../../dispatch/notify/notify.ts';
import { createModelTeller } from '../../../ingest/models.ts';
import { startRecorder } from '../../../ingest/recorder.ts';
import { startWatcher } from '../../../ingest/watcher.ts';
import { repeat } from '../../../time/repeat.ts';
import type { Timers } from '../../../time/timers.ts';
import { MINUTE_MS, type PartName, type Window } from '../plan.ts';
import type { Home } from './process.ts';

/** What the world outside meets of the running service. */
export interface Fronts {
  /** With the timers that end with it. */
  edge: { readonly edge: Edge; readonly timers: Timers } | null;
  api: HttpApp | null;
}

export interface PartOptions {
  readonly catalogue: Catalogue;
  readonly tickless: readonly Window[];
  readonly newId: () => string;
  /** Carries a message to its receiver in the world. */
  readonly notify: Notify;
  readonly random: () => number;
  readonly fronts: Fronts;
}

/** Slower than in production where only the pace differs, so that days pass in seconds. */
const TICK_MS = 14_000;
/** As in production: a service that is back within seconds leaves no gap. */
const FIRST_TICK_MS = 1_000;
const LOOK_MS = 30_000;
const TRIM_MS = 10 * MINUTE_MS;
const COMMIT_MS = 120_000;

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const silent = pino({ level: 'silent' });

/** Ends with its process. */
const every = (
  { timers, onProblem }: Home,
  everyMs: number,
  what: string,
  work: () => Promise<unknown>,
): void => void repeat(timers, everyMs, work, (error) => onProblem({ what, error }));

const startEdge = async (home: Home, { fronts, newId, tickless }: PartOptions): Promise<void> => {
  const { ledger, log, timers, onProblem } = home;
  await forgetOnline(ledger, timers.now());
  const edge = await createEdge({ log, ledger, logger: quiet, timers, newId });
  if (home.isDead()) return;
  fronts.edge = { edge, timers };
  const isTickless = (): boolean =>
    tickless.some(({ fromMs, toMs }) => fromMs <= timers.now() && timers.now() < toMs);
  const tick = async (): Promise<void> => {
    if (!isTickless()) await log.append({ kind: 'tick', receivedAtMs: timers.now() });
  };
  every(home, TICK_MS, 'tick', tick);
  timers.after(FIRST_TICK_MS, () => void tick().catch((error: Error) => onProblem({ what: 'tick', error })));
};

const startWatching = async (home: Home, { catalogue }: PartOptions): Promise<void> => {
  const { ledger, log, telemetry, timers, onProblem } = home;
  const models = await createModelTeller({ log, ledger, clock: timers.now });
  await models.look().catch((error: Error) => onProblem({ what: 'models', error }));
  every(home, LOOK_MS, 'models', models.look);
  await startWatcher({
    log,
    ledger,
    telemetry,
    catalogue,
    timers,
    onProblem,
    lookMs: LOOK_MS,
    commitEveryMs: COMMIT_MS,
  });
  every(home, TRIM_MS, 'trim', () => trim(log, ledger));
};

const startApi = async (home: Home, { catalogue, newId, fronts }: PartOptions): Promise<void> => {
  const { ledger, log, telemetry, timers } = home;
  const { app } = await buildApi({
    ledger,
    telemetry,
    log,
    catalogue,
    timers,
    newId,
    publicUrl: 'http://precall.test',
    dashboardDir: null,
    // Reading files takes real time, which no seed decides.
    document: false,
    stats: () => [],
    health: () => ({ ready: true, codes: [], reasons: [] }),
    readers: () => [],
    logger: silent,
    live: { heartbeatMs: 10 * MINUTE_MS, readingMs: 10 * MINUTE_MS },
  });
  if (!home.isDead()) fronts.api = app;
};

/** How each part starts. What it leaves running ends with its process. */
export const START: Readonly<Record<PartName, (home: Home, options: PartOptions) => Promise<void>>> = {
  edge: startEdge,
  recorder: async ({ log, ledger, telemetry, timers, onProblem }) => {
    await startRecorder({
      log,
      ledger,
      telemetry,
      timers,
      onProblem,
      lookMs: LOOK_MS,
      commitEveryMs: COMMIT_MS,
    });
  },
  watcher: startWatching,
  desk: async ({ log, ledger, timers, onProblem }, { catalogue }) => {
    startDesk({ log, ledger, timers, onProblem, catalogue, timerMs: MINUTE_MS, aliveMs: 2 * MINUTE_MS });
  },
  messenger: async ({ ledger, timers, onProblem }, { catalogue, notify, random }) => {
    startMessenger({
      ledger,
      catalogue,
      timers,
      onProblem,
      random,
      notify: { webhook: notify },
      publicUrl: 'http://precall.test',
      timerMs: 2 * MINUTE_MS,
      aliveMs: 2 * MINUTE_MS,
    });
  },
  api: startApi,
};
