import { InfluxDB, type IPoolOptions } from 'influx';
import type { Timers } from '../../time/timers.ts';
import { within } from '../influx/query.ts';
import { openTelemetryOver } from '../influx/telemetry.ts';
import { errorOf, RejectedError, type Transport, tablesOf } from '../influx/transport.ts';
import { TelemetryDownError, type TelemetryStore } from '../telemetry.ts';

export interface Influx1Options {
  /** `influx1://user:password@host:8086/database`. */
  readonly url: string;
  readonly timers?: Pick<Timers, 'soon'>;
  /** Longest wait for an answer. */
  readonly timeoutMs?: number;
}

/** What the client throws for a status from 300 to 499. */
interface StatusError {
  readonly res?: { readonly statusCode?: number };
  readonly message: string;
}

const placeIn = (url: string) => {
  if (!URL.canParse(url))
    throw new TypeError('the telemetry URL must be influx1://user:password@host:8086/database');
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  if (protocol !== 'influx1:' || hostname === '' || database === '')
    throw new TypeError('the telemetry URL must be influx1://user:password@host:8086/database');
  return {
    host: hostname,
    port: port === '' ? 8086 : Number(port),
    database,
    ...(username === ''
      ? {}
      : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
  };
};

const named = (cause: unknown): Error => {
  if (cause instanceof TelemetryDownError || cause instanceof RejectedError) return cause;
  const { res, message } = cause as StatusError;
  if (res?.statusCode !== undefined) return errorOf(res.statusCode, message);
  // The client's own words about the network hold neither user nor password.
  return new TelemetryDownError(`InfluxDB can't be reached: ${message}`);
};

const NO_BACKOFF: NonNullable<IPoolOptions['backoff']> = {
  getDelay: () => 0,
  next: () => NO_BACKOFF,
  reset: () => NO_BACKOFF,
};

const influx1Transport = ({ url, timeoutMs = 30_000 }: Influx1Options): Transport => {
  const place = placeIn(url);
  const client = new InfluxDB({
    ...place,
    // Trying again is the caller's: it keeps its place in the log. A host is never left out for a while.
    pool: { maxRetries: 0, requestTimeout: timeoutMs, backoff: NO_BACKOFF },
  });
  let isThere = false;
  /** The database is made before the first call that reaches the server; who may not make it may still use it. */
  const ready = async (): Promise<void> => {
    if (isThere) return;
    try {
      await client.createDatabase(place.database);
    } catch (cause) {
      const error = named(cause);
      if ((cause as StatusError).res?.statusCode !== 403) throw error;
    }
    isThere = true;
  };
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await ready();
      return await work();
    } catch (cause) {
      const error = named(cause);
      if ((cause as StatusError).res?.statusCode === 404) isThere = false;
      throw error;
    }
  };
  return {
    // The client escapes and orders points in its own way and writes -0 as 0; a measurement it writes as it is.
    write: (lines) =>
      call(() =>
        client.writePoints(
          lines.map((measurement) => ({ measurement })),
          { precision: 'n' },
        ),
      ),
    query: (influxQl) => call(async () => tablesOf(await client.queryRaw(influxQl))),
    remove: (measurement, beforeMs) =>
      call(async () => {
        tablesOf(
          await client.queryRaw(
            `DELETE FROM ${measurement} WHERE ${within(Number.NEGATIVE_INFINITY, beforeMs)}`,
            { method: 'POST' },
          ),
        );
      }),
    close: async () => undefined,
  };
};

/** Telemetry in InfluxDB 1. Opens also while the server is away: each call then rejects with `TelemetryDownError`. */
export const openInflux1Telemetry = async (options: Influx1Options): Promise<TelemetryStore> =>
  openTelemetryOver(influx1Transport(options), options.timers);
