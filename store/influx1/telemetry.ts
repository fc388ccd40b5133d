import { InfluxDB, type IPoolOptions } from 'influx';
import type { Timers } from '../../time/timers.ts';
import { askedInVain, inTime, post } from '../influx/http.ts';
import { nameLit, within } from '../influx/query.ts';
import { openTelemetryOver } from '../influx/telemetry.ts';
import { errorOf, type Transport, tablesOf } from '../influx/transport.ts';
import { TelemetryDownError, type TelemetryStore } from '../telemetry.ts';

export interface Influx1Options {
  /** `influx1://user:password@host:8086/database`. */
  readonly url: string;
  readonly timers?: Pick<Timers, 'soon'>;
  /** Longest wait for an answer. */
  readonly timeoutMs?: number;
}

const placeIn = (url: string) => {
  if (!URL.canParse(url))
    throw new TypeError('the telemetry URL must be influx1://user:password@host:8086/database');
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  if (protocol !== 'influx1:' || hostname === '' || database === '')
    throw new TypeError('the telemetry URL must be influx1://user:password@host:8086/database');
  const place = { host: hostname, port: port === '' ? 8086 : Number(port), database };
  const base = `http://${hostname}:${place.port}`;
  if (username === '') return { base, headers: {}, place };
  const user = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
  return { base, headers: { authorization }, place: { ...place, ...user } };
};

/** What the client throws for a status from 300 to 499. */
interface StatusError {
  readonly res?: { readonly statusCode?: number };
  readonly message: string;
}

const named = (cause: unknown): TelemetryDownError => {
  if (cause instanceof TelemetryDownError) return cause;
  const { res, message } = cause as StatusError;
  // The server's words, without the client's before them; of a status from 500 on it has but that status' name.
  const said = message.replace(/^A \d{3} .*? error occurred: /, '');
  if (res?.statusCode !== undefined) return askedInVain(errorOf(res.statusCode, said));
  if (cause instanceof SyntaxError) return askedInVain(cause);
  // The client's own words about the network hold neither user nor password.
  return new TelemetryDownError(`InfluxDB can't be reached: ${message}`);
};

const NO_BACKOFF: NonNullable<IPoolOptions['backoff']> = {
  getDelay: () => 0,
  next: () => NO_BACKOFF,
  reset: () => NO_BACKOFF,
};

/** What 1.x says, also with status 200, of a database that somebody dropped. */
const IS_GONE = /database not found|does not know the database/;

const influx1Transport = ({ url, timeoutMs = 30_000 }: Influx1Options): Transport => {
  const { base, headers, place } = placeIn(url);
  const { database } = place;
  const client = new InfluxDB({
    ...place,
    // Trying again is the caller's: it keeps its place in the log. A host is never left out for a while.
    pool: { maxRetries: 0, requestTimeout: timeoutMs, backoff: NO_BACKOFF },
  });
  const query = async (influxQl: string) => {
    try {
      const options = { method: 'POST', database } as const;
      return tablesOf(await inTime(client.queryRaw(influxQl, options), timeoutMs));
    } catch (cause) {
      throw named(cause);
    }
  };
  let isThere = false;
  /** The database is made before the first call that reaches the server; who may not make it may still use it. */
  const ready = async (): Promise<void> => {
    if (isThere) return;
    try {
      await query(`CREATE DATABASE ${nameLit(database)}`);
    } catch (error) {
      if (!(error as Error).message.includes('(403)')) throw error;
    }
    isThere = true;
  };
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await ready();
      return await work();
    } catch (error) {
      if (IS_GONE.test((error as Error).message)) isThere = false;
      throw error;
    }
  };
  return {
    // Not by the client: it keeps to itself why a server that answers 5xx can't write (a full disk, a time-out), and waits
    // for ever where an answer breaks off.
    write: (lines) =>
      call(async () => {
        const parameters = { db: database, precision: 'n' };
        await post({ url: `${base}/write`, parameters, body: lines.join('\n'), headers, timeoutMs });
      }),
    query: (influxQl) => call(() => query(influxQl)),
    remove: (measurement, beforeMs) =>
      call(async () => {
        await query(`DELETE FROM ${measurement} WHERE ${within(Number.NEGATIVE_INFINITY, beforeMs)}`);
      }),
    close: async () => undefined,
  };
};

/** Telemetry in InfluxDB 1. Opens also while the server is away: each call then rejects with `TelemetryDownError`. */
export const openInflux1Telemetry = async (options: Influx1Options): Promise<TelemetryStore> =>
  openTelemetryOver(influx1Transport(options), options.timers);
