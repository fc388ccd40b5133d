import { TelemetryDownError } from '../telemetry.ts';
import { errorOf, type Table, tablesOf } from './transport.ts';

export interface Post {
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for the whole answer, to its last byte. */
  readonly timeoutMs: number;
}

/**
 * Sends it and reads the whole answer. @throws TelemetryDownError where none comes or it breaks off, and what
 * `errorOf` makes of a status that is no success
 */
export const post = async ({ url, parameters, body, headers, timeoutMs }: Post): Promise<string> => {
  let status: number;
  let text: string;
  try {
    const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, {
      ...{ method: 'POST', body, headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = answer.status;
    text = await answer.text();
  } catch (cause) {
    const { message, cause: under } = cause as Error;
    // The cause of a failed connection says which; neither holds a header.
    const why = (under as Error | undefined)?.message || message;
    throw new TelemetryDownError(`InfluxDB can't be reached: ${why}`);
  }
  if (status < 200 || status >= 300) throw errorOf(status, text);
  return text;
};

/** A question is never the readings' fault: what is wrong with its answer is no reason to refuse any. */
export const askedInVain = (cause: unknown): TelemetryDownError => {
  if (cause instanceof TelemetryDownError) return cause;
  if (cause instanceof SyntaxError) return new TelemetryDownError("InfluxDB's answer is no JSON");
  return new TelemetryDownError(`InfluxDB can't answer: ${(cause as Error).message}`);
};

/** Waits so long and no longer, for a client that would wait for ever. @throws TelemetryDownError */
export const inTime = async <T>(work: Promise<T>, timeoutMs: number): Promise<T> => {
  const timeout = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener('abort', () =>
      reject(new TelemetryDownError(`InfluxDB can't be reached: no whole answer in ${timeoutMs} ms`)),
    );
  });
  return Promise.race([work, late]);
};

/** Asks `/query`. A question is never the readings' fault: what goes wrong is `TelemetryDownError`. */
export const ask = async (
  influxQl: string,
  to: Omit<Post, 'body'>,
): Promise<readonly (readonly Table[])[]> => {
  const body = new URLSearchParams({ q: influxQl }).toString();
  const headers = { ...to.headers, 'content-type': 'application/x-www-form-urlencoded' };
  try {
    return tablesOf(JSON.parse(await post({ ...to, body, headers })));
  } catch (cause) {
    throw askedInVain(cause);
  }
};
