import { Command, Option } from 'commander';
import { classOf } from '../core/fault/catalogue.ts';
import { simulates } from '../simulators/create.ts';
import type { Figures } from '../simulators/link/meter.ts';
import { fleetOf } from '../simulators/load/fleet.ts';
import { readSecrets } from '../simulators/load/secrets.ts';
import { runSteady, type SteadyMachine } from '../simulators/load/steady.ts';
import { TROUBLES, type Trouble, troubledTown } from '../simulators/load/troubles.ts';
import { pauseForRate, wearingTown } from '../simulators/load/wearing.ts';
import { loadTown, TOWN_NAMES, type Town } from '../simulators/town/file.ts';
import { startTown, type TownStats } from '../simulators/town/town.ts';
import { writeTruth } from '../simulators/truth/file.ts';
import { Failure } from './failure.ts';
import { duration, mqttUrl, type Options, rate, type Scenario, whole } from './simulate.options.ts';
import { createProgress, line, type Progress } from './simulate.progress.ts';

/** What is printed at the end; also the shape of `--json`. */
interface Summary {
  readonly sent: number;
  readonly acked: number;
  readonly errors: number;
  readonly ratePerS: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

const DEFAULTS = { equipment: 10, rate: 100, durationMs: 60_000 } as const;
const WEAR_DEFAULTS = { equipment: 1, rate: 6, durationMs: 600_000 } as const;
/** Nothing acknowledged for so long from the start: give up and say why. */
const GIVE_UP_MS = 10_000;
/** A scenario of trouble needs time for a beginning and an end. */
const SHORTEST_MS = 3_000;
const monotonic = (): number => performance.now();

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 100) / 100;

const summaryOf = (figures: Figures, elapsedMs: number): Summary => ({
  sent: figures.sent,
  acked: figures.acked,
  errors: figures.errors + figures.dropped,
  ratePerS: rounded((figures.acked * 1000) / Math.max(1, elapsedMs)) ?? 0,
  p50Ms: rounded(figures.p50Ms),
  p99Ms: rounded(figures.p99Ms),
});

const progressOf = (options: Options, totalMs: number | null): Progress =>
  createProgress(options.json ? process.stderr : process.stdout, totalMs, monotonic);

const finish = (options: Options, figures: Figures, elapsedMs: number): void => {
  const summary = summaryOf(figures, elapsedMs);
  if (summary.acked === 0) {
    throw new Failure(
      figures.lastError ?? `${options.url}: nothing was acknowledged; is the service accepting readings?`,
    );
  }
  if (options.json) console.log(JSON.stringify(summary));
  else {
    console.log(`done: ${line(figures, summary.ratePerS)}`);
    if (figures.lastError) console.log(`last error: ${figures.lastError}`);
  }
};

/** The machines of `--secrets`, or made-up ones without a password; at most `--equipment` of them. */
const machinesOf = async (
  options: Options,
  fallback: number,
  only?: string,
): Promise<readonly SteadyMachine[]> => {
  const { secrets, equipment } = options;
  if (secrets === undefined) return fleetOf(equipment ?? fallback, only && `${only}-7`);
  const all = await readSecrets(secrets).catch((error: Error) => {
    throw new Failure(error.message);
  });
  const fit = all.filter(({ model }) => simulates(model) && (only === undefined || classOf(model) === only));
  if (fit.length === 0)
    throw new Failure(`${secrets}: has no equipment that can be simulated; use a model such as PSH-7`);
  if (equipment !== undefined && equipment > fit.length) {
    throw new Failure(
      `${secrets}: has ${fit.length} fitting equipment, --equipment asks for ${equipment}; add more`,
    );
  }
  return fit.slice(0, equipment ?? fit.length);
};

const steady = async (options: Options, signal: AbortSignal): Promise<void> => {
  if (options.truth !== undefined)
    throw new Failure('--truth: nothing wears in --scenario steady; leave it out', 2);
  const durationMs = options.duration ?? DEFAULTS.durationMs;
  const progress = progressOf(options, durationMs);
  const result = await runSteady({
    url: options.url,
    machines: await machinesOf(options, DEFAULTS.equipment),
    ratePerS: options.rate ?? DEFAULTS.rate,
    durationMs,
    seed: options.seed,
    clock: Date.now,
    monotonic,
    signal,
    onProgress: progress.show,
  }).finally(progress.end);
  finish(options, result, result.elapsedMs);
};

const secretsOf = (machines: readonly SteadyMachine[]): ((id: string) => string | null) => {
  const byId = new Map(machines.map(({ id, secret }) => [id, secret]));
  return (id) => byId.get(id) ?? null;
};

/** Lets a town live for a while (or until Ctrl-C), and keeps the truth file up to date. */
const liveIn = async (
  town: Town,
  secretOf: (id: string) => string | null,
  durationMs: number | undefined,
  options: Options,
  outer: AbortSignal,
): Promise<void> => {
  const { url, seed, truth } = options;
  const progress = progressOf(options, durationMs ?? null);
  const bornMs = monotonic();
  const stopping = new AbortController();
  const signal = AbortSignal.any([outer, stopping.signal]);
  let timer: NodeJS.Timeout | undefined;
  const onProgress = (stats: TownStats): void => {
    progress.show(stats, stats.phase);
    if (stats.acked === 0 && monotonic() - bornMs > GIVE_UP_MS) stopping.abort();
    if (truth !== undefined) saveTruth();
  };
  const run = startTown(town, { url, secretOf, clock: Date.now, monotonic, seed, onProgress, signal });
  let saved = '';
  const saveTruth = (): void => {
    const now = JSON.stringify({ wears: run.truth, scenes: run.scenes });
    if (truth === undefined || now === saved) return;
    saved = now;
    saving = saving.then(() =>
      writeTruth(truth, { seed, scenario: scenarioOf(options), ...JSON.parse(now) }),
    );
    saving.catch(() => stopping.abort());
  };
  let saving: Promise<void> = Promise.resolve();
  await run.past;
  if (durationMs !== undefined && !signal.aborted) timer = setTimeout(() => stopping.abort(), durationMs);
  await run.done;
  clearTimeout(timer);
  await run.stop();
  progress.end();
  saveTruth();
  await saving.catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(
      `${truth}: can't be written (${cause.code}); give --truth a file in a folder that exists`,
    );
  });
  finish(options, run.stats(), monotonic() - bornMs);
};

const wear = async (options: Options, signal: AbortSignal): Promise<void> => {
  const machines = await machinesOf(options, WEAR_DEFAULTS.equipment, 'PSH');
  const durationMs = options.duration ?? WEAR_DEFAULTS.durationMs;
  const pauseS = pauseForRate(machines.length, options.rate ?? WEAR_DEFAULTS.rate * machines.length);
  const town = wearingTown(machines, durationMs, pauseS, options.seed);
  await liveIn(town, secretsOf(machines), durationMs, options, signal);
};

const demoTown = async (options: Options, signal: AbortSignal): Promise<void> => {
  for (const name of ['equipment', 'rate'] as const) {
    if (options[name] !== undefined)
      throw new Failure(`--${name}: the town has its own; leave it out with --scenario town`, 2);
  }
  const town = await loadTown(options.town ?? 'demo').catch((error: Error) => {
    throw new Failure(error.message);
  });
  const { secrets } = options;
  const known = secrets === undefined ? null : await machinesOf(options, 0);
  const missing = known && town.machines.find(({ id }) => !known.some((entry) => entry.id === id));
  if (missing) {
    const { id, site, model } = missing;
    throw new Failure(
      `${secrets}: no secret for ${id}; precall equipment add ${id} --site ${site} --model ${model} --json prints one`,
    );
  }
  await liveIn(town, secretsOf(known ?? []), options.duration, options, signal);
};

const trouble =
  (name: Trouble) =>
  async (options: Options, signal: AbortSignal): Promise<void> => {
    const machines = await machinesOf(options, DEFAULTS.equipment);
    const durationMs = options.duration ?? DEFAULTS.durationMs;
    if (durationMs < SHORTEST_MS)
      throw new Failure(`--duration: --scenario ${name} needs ${SHORTEST_MS / 1000}s or more`, 2);
    const town = troubledTown(
      name,
      { machines, durationMs, seed: options.seed },
      options.rate ?? DEFAULTS.rate,
    );
    await liveIn(town, secretsOf(machines), durationMs, options, signal);
  };

type Run = (options: Options, signal: AbortSignal) => Promise<void>;

const SCENARIOS: Readonly<Record<Scenario, Run>> = {
  steady,
  wear,
  town: demoTown,
  ...(Object.fromEntries(TROUBLES.map((name) => [name, trouble(name)])) as Record<Trouble, Run>),
};

const scenarioOf = ({ scenario, town }: Options): Scenario =>
  scenario ?? (town === undefined ? 'steady' : 'town');

const runScenario: Run = async (options, signal) => {
  const scenario = scenarioOf(options);
  if (options.town !== undefined && scenario !== 'town')
    throw new Failure(`--town: belongs to --scenario town, not ${scenario}; leave one of them out`, 2);
  await SCENARIOS[scenario](options, signal);
};

/** `precall simulate`, CONTRACT §5. */
export const simulateCommand = (): Command =>
  new Command('simulate')
    .description('seeded equipment over real MQTT: load, wear in fast motion, a town, or trouble')
    .option('--url <url>', 'MQTT listener of the service', mqttUrl, 'mqtt://127.0.0.1:1883')
    .option('--equipment <n>', 'machines (default: all of --secrets, else wear 1, others 10)', (text) =>
      whole(text, 1, 20_000),
    )
    .option(
      '--rate <readings>',
      'readings per second, all machines together (default: wear 6 a garage, else 100)',
      rate,
    )
    .option('--duration <time>', '60s, 10m, 2h (default: wear 10m, town until Ctrl-C, else 60s)', duration)
    .option('--seed <k>', 'the same seed gives the same machines', (text) => whole(text, 0, 2 ** 32 - 1), 1)
    .addOption(
      new Option(
        '--scenario <name>',
        'steady: load · wear: garages that wear and fail · town: a town · else what goes wrong (default: steady; town with --town)',
      ).choices(Object.keys(SCENARIOS)),
    )
    .option('--town <name>', `${TOWN_NAMES.join(', ')}, or a town file (default of --scenario town: demo)`)
    .option('--truth <file>', 'where all that wears or befalls is written (not with steady)')
    .option(
      '--secrets <file>',
      'lines of "precall equipment add --json"; without it: no password, for PRECALL_OPEN=true',
    )
    .option('--json', 'one last line of JSON on stdout, progress on stderr')
    .action(async (options: Options) => {
      const interrupt = new AbortController();
      const onSignal = (): void => interrupt.abort();
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
      try {
        await runScenario(options, interrupt.signal);
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      }
    });
