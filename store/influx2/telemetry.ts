import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import type { Timers } from '../../time/timers.ts';
import { ask, post } from '../influx/http.ts';
import { openTelemetryOver } from '../influx/telemetry.ts';
import { errorOf, type Transport } from '../influx/transport.ts';
import { PART } from '../influx/write.ts';
import { TelemetryDownError, type TelemetryStore } from '../telemetry.ts';

export interface Influx2Options {
  /** `influx2://host:8086/org/bucket?token=…`, or `influx2s://` for TLS. */
  readonly url: string;
  readonly timers?: Pick<Timers, 'soon'>;
  /** Longest wait for an answer. */
  readonly timeoutMs?: number;
}

const placeIn = (url: string) => {
  const wrong = () =>
    new TypeError('the telemetry URL must be influx2://host:8086/org/bucket?token=… (influx2s: TLS)');
  if (!URL.canParse(url)) throw wrong();
  const { protocol, host, pathname, searchParams } = new URL(url);
  const [org = '', bucket = '', ...more] = pathname.slice(1).split('/').map(decodeURIComponent);
  const token = searchParams.get('token') ?? '';
  if (
    !['influx2:', 'influx2s:'].includes(protocol) ||
    [host, org, bucket, token].includes('') ||
    more.length > 0
  )
    throw wrong();
  return { base: `${protocol === 'influx2s:' ? 'https' : 'http'}://${host}`, org, bucket, token };
};

const influx2Transport = ({ url, timeoutMs = 30_000 }: Influx2Options): Transport => {
  const { base, org, bucket, token } = placeIn(url);
  const client = new InfluxDB({ url: base, token, timeout: timeoutMs });
  // A batch that fills the client's own would be sent without anybody waiting for it; a retry of its own would be
  // lost when it closes. So: room for more than is ever written at once, no retries, one awaited flush.
  const api = client.getWriteApi(org, bucket, 'ns', {
    batchSize: PART + 1,
    maxBatchBytes: Number.MAX_SAFE_INTEGER,
    flushInterval: 0,
    maxRetries: 0,
    // Handed to whoever awaits the flush, instead of the client's own words on the console.
    writeFailed: (error) => Promise.reject(error),
  });

  const headers = { authorization: `Token ${token}`, accept: 'application/json' };

  return {
    write: async (lines) => {
      try {
        api.writeRecords([...lines]);
        await api.flush();
      } catch (cause) {
        if (cause instanceof HttpError) throw errorOf(cause.statusCode, cause.body ?? cause.message);
        throw new TelemetryDownError(`InfluxDB can't be reached: ${(cause as Error).message}`);
      }
    },
    query: (influxQl) =>
      ask(influxQl, { url: `${base}/query`, parameters: { db: bucket }, headers, timeoutMs }),
    remove: async (measurement, beforeMs) => {
      const span = { start: '1677-09-22T00:00:00Z', stop: new Date(beforeMs).toISOString() };
      const body = JSON.stringify({ ...span, predicate: `_measurement="${measurement}"` });
      await post({
        ...{ url: `${base}/api/v2/delete`, parameters: { org, bucket }, body, timeoutMs },
        headers: { ...headers, 'content-type': 'application/json' },
      });
    },
    close: async () => {
      await api.close().catch(() => undefined);
    },
  };
};

/** Telemetry in InfluxDB 2. Opens also while the server is away: each call then rejects with `TelemetryDownError`. */
export const openInflux2Telemetry = async (options: Influx2Options): Promise<TelemetryStore> =>
  openTelemetryOver(influx2Transport(options), options.timers);
