import { parseArgs } from 'node:util';
import { findServers } from '../../servers/servers.ts';
import { quantile } from '../quantile.ts';
import { machineName } from '../service/process.ts';
import { type LedgerMeasured, ledgerKinds, measureLedger } from './ledgers.ts';
import { type Measured, measure, type Plan, pointsOf } from './measure.ts';
import { kinds } from './places.ts';
import { METRIC_NAMES } from './readings.ts';

/**
 * `npm run bench:stores -- [--points 3000000] [--equipment 10] [--days 30] [--rounds 3] [--batch 2000] [--queries 60]
 * [--stores sqlite,influx1,influx2] [--tickets 2000] [--seed 1]`: every telemetry store in one run, each round in the
 * other order, with real servers that it starts by itself; then the ledgers. Prints Markdown, as in docs/stores.md.
 */
const { values: given } = parseArgs({
  options: {
    points: { type: 'string', default: '3000000' },
    equipment: { type: 'string', default: '10' },
    days: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
    batch: { type: 'string', default: '2000' },
    queries: { type: 'string', default: '60' },
    stores: { type: 'string', default: 'sqlite,influx1,influx2' },
    tickets: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
  },
});

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 5, 1);
const rounds = Number(given.rounds);
const machines = Number(given.equipment);
const rangeMs = Number(given.days) * DAY_MS;
const readingsEach = Math.max(1, Math.round(Number(given.points) / machines / METRIC_NAMES.length));
const stepMs = Math.max(1, Math.floor(rangeMs / readingsEach));
const plan: Plan = {
  made: { seed: Number(given.seed), startMs: END_MS - readingsEach * stepMs, stepMs, unit: 'bay1' },
  machines,
  readingsEach,
  batchReadings: Number(given.batch),
  queries: Number(given.queries),
};

const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);
const head = (...cells: readonly string[]): void => {
  row(...cells);
  row(...cells.map(() => '---'));
};
const figure = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toPrecision(value >= 100 ? 3 : 2);
/** Median, and from least to most where there are several. */
const spread = (values: readonly (number | null)[]): string => {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '–';
  const middle = figure(quantile(known, 0.5));
  return known.length === 1
    ? middle
    : `${middle} (${figure(Math.min(...known))}–${figure(Math.max(...known))})`;
};
const percentiles = (values: readonly number[]): string =>
  values.length === 0 ? '–' : `${figure(quantile(values, 0.5))} / ${figure(quantile(values, 0.99))}`;

/** Each kind in every round, in the other order each time, so that none always comes first. */
const inTurns = async <K, M>(all: readonly K[], work: (kind: K) => Promise<M>): Promise<Map<K, M[]>> => {
  const found = new Map<K, M[]>(all.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round++)
    for (const kind of round % 2 === 0 ? all : [...all].reverse()) {
      found.get(kind)?.push(await work(kind));
      process.stderr.write(`round ${round + 1} of ${rounds}: ${(kind as { label: string }).label}\n`);
    }
  return found;
};

const printTelemetry = (found: ReadonlyMap<{ readonly label: string }, readonly Measured[]>): void => {
  head(
    'telemetry',
    'points/s',
    'our CPU s',
    "the server's, writing",
    "the server's, packing",
    'bytes a point, just written',
    'settled',
  );
  for (const [{ label }, all] of found) {
    const of = (key: keyof Omit<Measured, 'latencies'>): string => spread(all.map((one) => one[key]));
    row(
      label,
      of('pointsPerS'),
      of('ownCpuS'),
      of('serverCpuS'),
      of('packingCpuS'),
      of('bytesWritten'),
      of('bytesSettled'),
    );
  }
  console.log('\nCPU seconds are per million points. What is asked, p50 / p99 in ms:\n');
  head('telemetry', '24 h', '30 days', '`latest`, first', 'again');
  for (const [{ label }, all] of found) {
    const of = (key: 'dayMs' | 'monthMs' | 'latestFirstMs' | 'latestAgainMs'): string =>
      percentiles(all.flatMap(({ latencies }) => latencies?.[key] ?? []));
    row(label, of('dayMs'), of('monthMs'), of('latestFirstMs'), of('latestAgainMs'));
  }
};

const printLedgers = (found: ReadonlyMap<{ readonly label: string }, readonly LedgerMeasured[]>): void => {
  console.log('\nLedgers, commits on disk; p50 / p99 in ms:\n');
  head('ledger', 'tickets opened/s, 100 at once', 'opening one', 'one step');
  for (const [{ label }, all] of found)
    row(
      label,
      spread(all.map(({ opensPerS }) => opensPerS)),
      percentiles(all.flatMap(({ openMs }) => openMs)),
      percentiles(all.flatMap(({ stepMs: each }) => each)),
    );
};

const wanted = given.stores.split(',');
const chosen = kinds().filter(({ name }) => wanted.includes(name));
const missing = wanted.filter((name) => !chosen.some((kind) => kind.name === name));
if (missing.length > 0) throw new Error(`--stores: there is no ${missing.join(', ')}`);
const installed = chosen.filter(({ start }) => start !== null);

console.log(`${machineName()}\n`);
for (const { name, command, version } of findServers().filter((server) =>
  /influx|Victoria|Postgre/.test(server.name),
))
  console.log(`${name}: ${command === null ? 'not there' : version || 'tells no version'}`);
for (const { label } of chosen.filter(({ start }) => start === null))
  console.log(`left out, not installed: ${label}`);
console.log(
  `\n${pointsOf(plan).toLocaleString('en')} points of ${machines} machines in ${given.days} days (six metrics every ${(stepMs / 1_000).toFixed(1)} s), written ${plan.batchReadings} readings at a time by one writer; ${rounds} rounds, median (least–most).\n`,
);
printTelemetry(await inTurns(installed, (kind) => measure(kind, plan)));
const tickets = Number(given.tickets);
if (tickets > 0)
  printLedgers(
    await inTurns(
      ledgerKinds().filter(({ isThere }) => isThere),
      (kind) => measureLedger(kind, tickets),
    ),
  );
