import { createServer } from 'node:net';
import type { Address, Config, PartRole } from '../../config.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';

/** Why nobody can listen there; null: it is free. */
const whyTaken = ({ host, port }: Address): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });

/** Of a service that answers for Precall at `/readyz`. */
interface Answer {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly notes?: readonly string[];
}

const ANSWER_MS = 4_000;

/** Where somebody listens everywhere, we ask on this machine. */
const urlOf = ({ host, port }: Address): string => {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`;
};

const serviceAt = async (address: Address): Promise<Answer | null> => {
  try {
    const answer = await fetch(`${urlOf(address)}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const found = (await answer.json()) as Partial<Answer>;
    return typeof found.ready === 'boolean' && Array.isArray(found.reasons) ? (found as Answer) : null;
  } catch {
    return null;
  }
};

const shown = ({ host, port }: Address): string => `${host}:${port}`;

/** Who listens where we would. */
type Holder = 'us' | 'another' | 'perhaps us';

const judgePort = (key: string, address: Address, why: string | null, holder: Holder): Finding => {
  const detail = `${key}=${shown(address)}`;
  if (why === null) return ok('port', `${detail} is free`);
  if (why !== 'EADDRINUSE')
    return fail(
      'port',
      `${detail}: can't listen there (${why})`,
      `set ${key} to an address of this machine, with a port that its user may take`,
    );
  switch (holder) {
    case 'us':
      return ok('port', `${detail} is held by the running service`);
    case 'another':
      return fail(
        'port',
        `${detail} is held by another program, or by a Precall with other data`,
        `stop that one, or set ${key} to another port`,
      );
    case 'perhaps us':
      return fail(
        'port',
        `${detail} is held, and does not answer at /readyz`,
        `restart the service if it hangs; set ${key} to another port if it is another program`,
      );
  }
};

const judgeService = ({ ready, reasons, notes = [] }: Answer): Finding => {
  if (!ready) return fail('service', `runs, and is not ready: ${reasons.join('; ')}`, 'mend what it says');
  return notes.length > 0
    ? warn('service', `runs, with a note: ${notes.join('; ')}`, 'mend what it says')
    : ok('service', 'runs and is ready');
};

/**
 * The ports of the parts that run here. `isLocked`: a process holds the log of these settings. A service whose parts need no
 * log is known by what it answers.
 */
export const checkPorts = async (config: Config, isLocked: boolean): Promise<readonly Finding[]> => {
  const { roles, http, mqtt } = config;
  const findings: Finding[] = [];
  const [httpTaken, mqttTaken] = await Promise.all([whyTaken(http), whyTaken(mqtt)]);
  const answer = httpTaken === 'EADDRINUSE' ? await serviceAt(http) : null;
  const hasLog = ['broker', 'ingest', 'dispatch'].some((role) => roles.has(role as PartRole));
  const service = isLocked || !hasLog ? answer : null;
  const atHttp: Holder = service ? 'us' : isLocked ? 'perhaps us' : 'another';
  if (roles.has('api')) findings.push(judgePort('PRECALL_HTTP', http, httpTaken, atHttp));
  if (roles.has('broker'))
    findings.push(judgePort('PRECALL_MQTT', mqtt, mqttTaken, isLocked ? 'us' : 'another'));
  if (service) findings.push(judgeService(service));
  else if (isLocked && roles.has('api') && httpTaken === null)
    findings.push(
      warn(
        'service',
        `a service runs on the log ${config.logPath}, and does not listen at ${shown(http)}`,
        'run doctor with the settings that it was started with',
      ),
    );
  return findings;
};
