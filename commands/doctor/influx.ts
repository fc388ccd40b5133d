import type { TelemetryPlace } from '../../config.ts';
import { nameLit } from '../../store/influx/query.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';
import { judgeClock } from './clock.ts';

const ANSWER_MS = 4_000;
/** An HTTP date. */
const SECOND_MS = 1_000;

interface Server {
  readonly base: string;
  /** Database or bucket. */
  readonly name: string;
  readonly authorization: string | null;
}

export const serverOf = ({ kind, url }: Extract<TelemetryPlace, { url: string }>): Server => {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  const parts = pathname.slice(1).split('/').map(decodeURIComponent);
  const base = `${protocol === 'influx2s:' ? 'https' : 'http'}://${hostname}:${port === '' ? 8086 : port}`;
  if (kind === 'influx2')
    return { base, name: parts[1] ?? '', authorization: `Token ${searchParams.get('token') ?? ''}` };
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  );
  return { base, name: parts[0] ?? '', authorization: username === '' ? null : `Basic ${basic}` };
};

const ask = ({ base, authorization }: Server, path: string): Promise<Response> =>
  fetch(base + path, {
    headers: authorization === null ? {} : { authorization },
    signal: AbortSignal.timeout(ANSWER_MS),
  });

/** The major version is the one that the setting's name promises. */
const judgeVersion = (kind: 'influx1' | 'influx2', version: string | null): Finding | null => {
  const major = /^v?(\d+)\./.exec(version ?? '')?.[1];
  if (major === undefined || major === kind.slice(-1)) return null;
  const said = `InfluxDB ${version} is behind PRECALL_TELEMETRY=${kind}:…`;
  return major === '1'
    ? fail('telemetry', said, 'use influx1://user:password@host:8086/database')
    : warn('telemetry', `${said}, which was not run with it`, 'see docs/stores-influx.md for what was run');
};

/** Whether the user or token may read. A database that is not there yet is made at the first write. */
const judgeAnswer = async (server: Server, kind: 'influx1' | 'influx2', version: string | null) => {
  const query = new URLSearchParams({
    db: server.name,
    q: `SHOW RETENTION POLICIES ON ${nameLit(server.name)}`,
  });
  const answer = await ask(server, `/query?${query}`);
  const text = (await answer.text()).slice(0, 300);
  const detail = `InfluxDB ${version ?? '(it does not say which)'} at ${server.base}`;
  if (answer.status === 401 || answer.status === 403)
    return fail(
      'telemetry',
      `${detail} refuses the user or token (${answer.status})`,
      'give PRECALL_TELEMETRY one that may read and write',
    );
  if (answer.status === 404 || (kind === 'influx2' && /database not found/.test(text)))
    return fail(
      'telemetry',
      `${detail} does not know ${server.name}`,
      'make the bucket and its DBRP mapping (docs/stores-influx.md)',
    );
  if (!answer.ok)
    return fail(
      'telemetry',
      `${detail} answered ${answer.status}: ${text}`,
      "look into the server's own log",
    );
  return ok(
    'telemetry',
    /database not found/.test(text) ? `${detail}; the database is made at the first write` : detail,
  );
};

const reasonOf = (cause: unknown): string => {
  const { name, message, cause: under } = cause as Error;
  if (name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1_000} s`;
  return (under as NodeJS.ErrnoException | undefined)?.code ?? message;
};

/** The server's version, whether it lets us in, its clock. */
export const checkInflux = async (
  place: Extract<TelemetryPlace, { url: string }>,
): Promise<readonly Finding[]> => {
  const server = serverOf(place);
  try {
    // The first answer costs more than the clock may be wrong by.
    await ask(server, '/ping');
    const askedAtMs = Date.now();
    const ping = await ask(server, '/ping');
    const answeredAtMs = Date.now();
    const version = ping.headers.get('x-influxdb-version');
    const serverMs = Date.parse(ping.headers.get('date') ?? '');
    const found = judgeVersion(place.kind, version) ?? (await judgeAnswer(server, place.kind, version));
    const clock = { askedAtMs, answeredAtMs, serverMs, stepMs: SECOND_MS };
    return Number.isNaN(serverMs) ? [found] : [found, judgeClock('InfluxDB', clock)];
  } catch (cause) {
    return [
      fail(
        'telemetry',
        `InfluxDB at ${server.base} can't be reached (${reasonOf(cause)})`,
        'start it, or correct PRECALL_TELEMETRY; meanwhile the log holds what is acknowledged',
      ),
    ];
  }
};
