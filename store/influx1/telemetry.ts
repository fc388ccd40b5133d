import type { Timers } from '../../time/timers.ts';
import { ask, post } from '../influx/http.ts';
import { nameLit, within } from '../influx/query.ts';
import { openTelemetryOver } from '../influx/telemetry.ts';
import type { Transport } from '../influx/transport.ts';
import type { TelemetryStore } from '../telemetry.ts';

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
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(user).toString('base64')}`;
  return {
    base: `http://${hostname}:${port === '' ? 8086 : port}`,
    database,
    headers: username === '' ? {} : { authorization },
  };
};

/** What 1.x says, also with status 200, of a database that somebody dropped. */
const IS_GONE = /database not found|does not know the database/;

const influx1Transport = ({ url, timeoutMs = 30_000 }: Influx1Options): Transport => {
  const { base, database, headers } = placeIn(url);
  const query = (influxQl: string) =>
    ask(influxQl, { url: `${base}/query`, parameters: { db: database }, headers, timeoutMs });
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
