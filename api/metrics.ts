import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LiveHub } from './live/hub.ts';
import type { ApiOptions, Stat } from './options.ts';

/** Prometheus numbers of this process, each name beginning with `precall_`. */
export interface Metrics {
  readonly contentType: string;
  /** Text of the whole registry, with the service's own numbers as they stand now. */
  text(): Promise<string>;
}

const PREFIX = 'precall_';
const DURATIONS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counters are given as they stand, so they are set anew at each scrape. */
const show = (registry: Registry, name: string, stats: readonly Stat[]): void => {
  const [first] = stats;
  if (first === undefined) return;
  const settings = {
    name: PREFIX + name,
    help: first.help,
    labelNames: [...new Set(stats.flatMap(({ labels }) => Object.keys(labels ?? {})))],
    registers: [registry],
  };
  registry.removeSingleMetric(settings.name);
  const metric = first.kind === 'counter' ? new Counter(settings) : new Gauge(settings);
  for (const { labels = {}, value } of stats) metric.inc(labels, value);
};

const HELP: Readonly<Record<string, string>> = {
  clients: 'Event streams open now',
  opened: 'Event streams opened',
  refused: 'Event streams refused because too many were open',
  events: 'Events given to streams',
  coalesced: 'Events that a later one replaced while a listener was slow',
  dropped: 'Readings dropped while a listener was slow',
  overflowed: 'Readings not told because too many machines waited',
  failures: 'Rounds of events that failed and were tried again',
};

const liveStats = (live: LiveHub): readonly Stat[] =>
  Object.entries(live.stats()).map(([name, value]) => {
    const reason = /^ended_(.*)$/.exec(name)?.[1];
    if (reason !== undefined)
      return {
        name: 'live_ended_total',
        help: 'Event streams ended, by reason',
        kind: 'counter',
        value,
        labels: { reason },
      };
    const isGauge = name === 'clients';
    return {
      name: isGauge ? 'live_clients' : `live_${name}_total`,
      help: HELP[name] ?? name,
      kind: isGauge ? 'gauge' : 'counter',
      value,
    };
  });

export const startMetrics = (
  app: FastifyInstance,
  { stats }: Pick<ApiOptions, 'stats'>,
  live: LiveHub,
  signInsRefused: () => number,
): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const duration = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATIONS_S,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
  });

  const refused = (): Stat => ({
    name: 'api_sign_ins_refused_total',
    help: 'Sign-ins refused because too many had failed',
    kind: 'counter',
    value: signInsRefused(),
  });

  return {
    contentType: registry.contentType,
    text: async () => {
      const all = [...(await stats()), ...liveStats(live), refused()];
      const byName = Map.groupBy(all, ({ name }) => name);
      for (const [name, group] of byName) show(registry, name, group);
      return registry.metrics();
    },
  };
};
