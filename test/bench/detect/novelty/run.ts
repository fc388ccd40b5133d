import { execFileSync } from 'node:child_process';
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { detectFile } from '../../../../commands/detect.ts';
import { newNovelty, observe, savedNovelty } from '../../../../core/detect/novelty/novelty.ts';
import { parseInstant } from '../../../../core/telemetry/instant.ts';
import { isFound, type Long, longSeries } from './long.ts';
import { type Run, runs } from './runs.ts';
import { VARIANTS, type Variant } from './variants.ts';

/**
 * How good the joint detector is: `npm run bench:detect -- --data ../shared/data`. The files go through the
 * `detect` command itself, one configuration for all, and are scored by the scorers beside the data.
 */
const { values: args } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    seeds: { type: 'string', default: '2' },
    ablation: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
// The scorers run only under their real path.
const data = realpathSync(args.data);
const tools = join(dirname(data), 'tools');
const seeds = Array.from({ length: Number(args.seeds) }, (_, i) => i + 1);

const score = (tool: string, ...options: string[]) =>
  JSON.parse(execFileSync(process.execPath, [join(tools, tool), ...options], { encoding: 'utf8' }));
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const nabFiles = (): readonly string[] =>
  Object.keys(JSON.parse(readFileSync(join(data, 'nab-half/labels/combined_windows.json'), 'utf8')));

const nabTable = async (folder: string): Promise<void> => {
  for (const file of nabFiles()) {
    const out = join(folder, 'nab', file);
    mkdirSync(dirname(out), { recursive: true });
    await detectFile(join(data, 'nab-half/data', file), createWriteStream(out), {});
  }
  const cv = ['5', '3', '10'].map((folds) =>
    score('nab-score.mjs', '--nab', join(data, 'nab-half'), '--results', join(folder, 'nab'), '--cv', folds),
  );
  const [five] = cv;
  for (const profile of ['standard', 'reward_low_FP_rate', 'reward_low_FN_rate']) {
    const { hit, fp, windows } = five.counts[profile];
    const folds = cv.map((one) => one.crossValidated[profile].toFixed(1));
    console.log(
      `NAB ${profile}: 5-fold ${folds[0]} (3-fold ${folds[1]}, 10-fold ${folds[2]}), in sample ${five.scores[profile].toFixed(1)}: ${hit} of ${windows} windows, ${fp} false`,
    );
  }
};

const skabTable = async (folder: string): Promise<void> => {
  const results = join(folder, 'skab');
  mkdirSync(results);
  for (const file of readdirSync(join(data, 'skab')))
    await detectFile(join(data, 'skab', file), createWriteStream(join(results, file)), {
      ignore: ['anomaly', 'changepoint'],
      warmup: 400,
    });
  const { f1, falseAlarmPct } = score('skab-score.mjs', '--data', join(data, 'skab'), '--results', results);
  console.log(`SKAB, 400 rows to learn: F1 ${f1} at ${falseAlarmPct} % false alarms`);
};

const longScores = ({ values, train }: Long): number[] => {
  const state = newNovelty(1, train);
  return values.map((value, row) => observe(state, { tsMs: 1_000 * row, values: [value] }).score);
};

const longTable = (): void => {
  for (const seed of seeds) {
    const all = longSeries(seed, 4);
    const found = (list: readonly Long[]) =>
      percent(list.filter((one) => isFound(one, longScores(one))).length / list.length);
    const parts = [0, 1].map((half) => found(all.filter((_, i) => i % 2 === half)));
    console.log(
      `one anomaly in a long series, seed ${seed}: found in ${parts[0]} of ${all.length / 2} plain, ${parts[1]} of hard ones`,
    );
  }
};

const playRun = ({ rows, warmup, onset, steady }: Run) => {
  const state = newNovelty(rows[0]?.length ?? 0, warmup);
  const alerts = rows.map((values, row) => observe(state, { tsMs: 1_000 * row, values }).alert);
  const begins = alerts.flatMap((alert, row) => (alert && !alerts[row - 1] ? [row] : []));
  return {
    isFalse: begins.some((row) => row < onset),
    isEarly: alerts.slice(onset, steady).some(Boolean),
  };
};

const runTable = (): void => {
  for (const seed of seeds) {
    const played = runs(seed, 60).map(playRun);
    const early = played.filter(({ isEarly }) => isEarly).length / played.length;
    const wrong = played.filter(({ isFalse }) => isFalse).length / played.length;
    console.log(
      `runs of 8 sensors, seed ${seed}: alert before the steady fault in ${percent(early)}, false alert in ${percent(wrong)} of ${played.length}`,
    );
  }
};

const readSeries = (path: string) => {
  const cells = readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));
  return {
    times: cells.map(([time]) => parseInstant(time ?? '') as number),
    values: cells.map(([, value]) => Number(value)),
  };
};

const costTable = (): void => {
  const { times, values } = readSeries(join(data, 'nab-half/data', 'realTweets/Twitter_volume_AAPL.csv'));
  const costs = [0, 1, 2].map(() => {
    const state = newNovelty(1, 0);
    const before = process.cpuUsage();
    values.forEach((value, row) => {
      observe(state, { tsMs: times[row] as number, values: [value] });
    });
    const { user, system } = process.cpuUsage(before);
    return { us: (user + system) / values.length, bytes: JSON.stringify(savedNovelty(state)).length };
  });
  const us = Math.min(...costs.map((cost) => cost.us));
  console.log(`cost: ${us.toFixed(1)} µs of CPU a point, ${costs[0]?.bytes} bytes a series as JSON`);
};

const ablationTable = (folder: string): void => {
  const files = nabFiles();
  const long = longSeries(1, 4);
  const one = (name: string, scores: Variant): void => {
    for (const file of files) {
      const { times, values } = readSeries(join(data, 'nab-half/data', file));
      const lines = scores(times, values).map(
        (value, i) => `${new Date(times[i] as number).toISOString()},${value}`,
      );
      const out = join(folder, name, file);
      mkdirSync(dirname(out), { recursive: true });
      const stream = ['timestamp,anomaly_score', ...lines].join('\n');
      writeFileSync(out, `${stream}\n`);
    }
    const { crossValidated } = score(
      'nab-score.mjs',
      '--nab',
      join(data, 'nab-half'),
      '--results',
      join(folder, name),
      '--cv',
      '5',
    );
    const found = long.filter((series) =>
      isFound(
        series,
        scores(
          series.values.map((_, i) => 1_000 * i),
          series.values,
        ),
      ),
    );
    console.log(
      `| ${name} | ${crossValidated.standard.toFixed(1)} | ${crossValidated.reward_low_FP_rate.toFixed(1)} | ${percent(found.length / long.length)} |`,
    );
  };
  console.log('| | NAB 5-fold | low-FP 5-fold | long series found |\n|---|---|---|---|');
  for (const [name, scores] of Object.entries(VARIANTS)) one(name, scores);
};

const folder = mkdtempSync(join(tmpdir(), 'precall-bench-'));
const began = performance.now();
try {
  await nabTable(folder);
  await skabTable(folder);
  longTable();
  runTable();
  costTable();
  if (args.ablation) ablationTable(folder);
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${((performance.now() - began) / 1_000).toFixed(0)} s`);
