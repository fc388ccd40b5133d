import type { FastifyBaseLogger } from 'fastify';
import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import type { Timers } from '../time/timers.ts';
import type { HealthCode } from './contract/health.ts';

/** One number of the service for `/metrics`, as it stands now. */
export interface Stat {
  /** Without the prefix `precall_`, unit last: `log_bytes`, `broker_messages_total`. */
  readonly name: string;
  readonly help: string;
  /** A counter only grows; a gauge goes both ways. */
  readonly kind: 'counter' | 'gauge';
  readonly value: number;
  /** The same label names wherever the name is the same. */
  readonly labels?: Readonly<Record<string, string>>;
}

export type ServiceStats = readonly Stat[];

/** Whether the service can do its work; the reasons name what can't and how to mend it. */
export interface HealthReport {
  readonly ready: boolean;
  /** Names of everything that stands in `reasons` and `notes`, in the same order. */
  readonly codes: readonly HealthCode[];
  readonly reasons: readonly string[];
  /** What a person should look at though the service is ready: dead letters, channels that fail. */
  readonly notes?: readonly string[];
}

/** One reader of the log, as this process sees it. */
export interface ReaderReport {
  readonly reader: string;
  readonly partition: number;
  /** Committed: where it would start again. */
  readonly offset: number;
  /** What it has dealt with, committed or not; null where it runs elsewhere. */
  readonly reached: number | null;
  /** Records before it; null where the log is not here. */
  readonly lagRecords: number | null;
  /** Age of the newest record that it has dealt with, 0 when it has caught up; null where it runs elsewhere. */
  readonly lagMs: number | null;
  /** Why it has stopped for good. */
  readonly stopped: string | null;
  readonly isHere: boolean;
}

export interface ApiOptions {
  readonly ledger: Ledger;
  readonly telemetry: TelemetryStore;
  /** Where measurements by people go; absent or null where this process has no log. */
  readonly log?: Pick<Log, 'append'> | null;
  readonly catalogue: Catalogue;
  readonly timers: Timers;
  readonly newId: () => string;
  /** What links in notices point at, e.g. `https://precall.example`; decides about secure cookies too. */
  readonly publicUrl: string;
  /** The built dashboard, or null to serve the API alone. */
  readonly dashboardDir: string | null;
  readonly stats: () => ServiceStats | Promise<ServiceStats>;
  readonly health: () => HealthReport | Promise<HealthReport>;
  /** How far each reader of the log is. */
  readonly readers: () => readonly ReaderReport[] | Promise<readonly ReaderReport[]>;
  readonly logger: FastifyBaseLogger;
  /** Where equipment connects, shown to signed-in people who connect a machine by hand. */
  readonly mqttUrl?: string;
  /** One-time token of the set-up link, where the service has no users yet (see access/setup.ts). */
  readonly setupToken?: string | null;
  /** Check every answer against its schema and throw where it differs: for tests. */
  readonly checkAnswers?: boolean;
  /** False: without the OpenAPI document and its pages, whose files are read at the start. */
  readonly document?: boolean;
  /** Limits of the event stream; the defaults are in live/hub.ts. */
  readonly live?: Partial<LiveLimits>;
}

export interface LiveLimits {
  /** Streams open at once, all people together. */
  readonly maxClients: number;
  /** Frames that wait for one slow client before it is let go to resume later. */
  readonly maxPending: number;
  readonly heartbeatMs: number;
  /** Reading events of one equipment are at least this far apart. */
  readonly readingMs: number;
}

export interface StartOptions extends ApiOptions {
  readonly listen: { readonly host: string; readonly port: number };
}
