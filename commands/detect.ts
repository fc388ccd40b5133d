import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, Transform, type TransformCallback, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import { parse } from 'csv-parse';
import { type Novelty, newNovelty, observe } from '../core/detect/novelty/novelty.ts';
import { parseInstant } from '../core/telemetry/instant.ts';
import { type Judged, newPlot } from './detect.plot.ts';
import { fileProgress } from './detect.progress.ts';
import { instantOption, storedTable, withTelemetry } from './detect.store.ts';
import { Failure } from './failure.ts';
import { configOf } from './ledger.ts';

export interface DetectOptions {
  /** Column of the time; without it the first column that holds one. */
  readonly time?: string;
  readonly ignore?: readonly string[];
  /** Rows at the beginning that are taken as normal. */
  readonly warmup?: number;
  /** Is told of every row, after its line. */
  readonly judged?: (names: readonly string[], row: Judged) => void;
  /** Is told with every row how much of the file has been read. */
  readonly progress?: (readBytes: number, totalBytes: number) => void;
}

const SCORE = 'anomaly_score';
const ALERT = 'alert';

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const lineOf = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\n`;

/** An empty cell, `NaN` and words are no value. */
const numberIn = (cell: string | undefined): number | null => {
  if (cell === undefined || cell.trim() === '') return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
};

interface Layout {
  readonly time: number;
  readonly values: readonly number[];
}

const columnAt = (header: readonly string[], name: string, option: string): number => {
  const at = header.indexOf(name);
  if (at < 0) throw new Failure(`${option} ${name}: no such column; the file has ${header.join(', ')}`, 2);
  return at;
};

const timeColumn = (
  header: readonly string[],
  first: readonly string[],
  time: string | undefined,
): number => {
  if (time !== undefined) return columnAt(header, time, '--time');
  const at = header.findIndex((_, i) => parseInstant(first[i] ?? '') !== null);
  if (at < 0)
    throw new Failure(
      'line 2: no column holds a time; use ISO 8601, YYYY-MM-DD HH:MM:SS or Unix ms, and name it with --time',
    );
  return at;
};

const layoutOf = (header: readonly string[], first: readonly string[], options: DetectOptions): Layout => {
  const time = timeColumn(header, first, options.time);
  const ignored = new Set((options.ignore ?? []).map((name) => columnAt(header, name, '--ignore')));
  const values = [...header.keys()].filter((i) => i !== time && !ignored.has(i));
  if (values.length === 0) throw new Failure('no column with values is left; ignore fewer with --ignore', 2);
  for (const i of values) {
    if (header[i] === SCORE || header[i] === ALERT)
      throw new Failure(`column ${header[i]} is there already; leave it out with --ignore ${header[i]}`, 2);
  }
  return { time, values };
};

/**
 * Turns the cells of a table, header first, into lines of output: one for each row, as soon as it comes.
 * Rows are judged by those before them only. Throws a Failure that names the line.
 */
export const detectRows = (options: DetectOptions) => {
  let header: readonly string[] | null = null;
  let layout: Layout | null = null;
  let state: Novelty | null = null;
  let line = 0;
  let hasValue = false;
  let valueNames: readonly string[] = [];
  const head = (names: readonly string[], { time, values }: Layout): string =>
    lineOf([names[time] as string, ...values.map((i) => names[i] as string), SCORE, ALERT]);

  const row = (cells: readonly string[]): string => {
    line += 1;
    if (header === null) {
      header = cells.map((cell) => cell.trim());
      return '';
    }
    let out = '';
    if (layout === null || state === null) {
      layout = layoutOf(header, cells, options);
      state = newNovelty(layout.values.length, options.warmup ?? 0);
      valueNames = layout.values.map((i) => (header as readonly string[])[i] as string);
      out = head(header, layout);
    }
    const time = cells[layout.time] ?? '';
    const tsMs = parseInstant(time);
    if (tsMs === null)
      throw new Failure(
        `line ${line}: ${JSON.stringify(time.slice(0, 40))} is not a time; use ISO 8601, YYYY-MM-DD HH:MM:SS or Unix ms`,
      );
    const values = layout.values.map((i) => numberIn(cells[i]));
    hasValue ||= values.some((value) => value !== null);
    const { score, alert } = observe(state, { tsMs, values });
    options.judged?.(valueNames, { tsMs, values, score, alert });
    const kept = layout.values.map((i) => cells[i] ?? '');
    return out + lineOf([time, ...kept, score.toFixed(9), alert ? '1' : '0']);
  };
  const end = (): void => {
    if (header === null) throw new Failure('the file is empty; it needs a header line and rows');
    if (layout === null) throw new Failure('the file has a header line but no rows');
    if (!hasValue) throw new Failure('no cell of the value columns is a number; check the columns');
  };
  return { row, end };
};

const transformer = (options: DetectOptions): Transform => {
  const { row, end } = detectRows(options);
  const attempt = (work: () => string, done: TransformCallback): void => {
    try {
      done(null, work());
    } catch (cause) {
      done(cause as Error);
    }
  };
  return new Transform({
    writableObjectMode: true,
    transform: (cells: readonly string[], _encoding, done) => attempt(() => row(cells), done),
    flush: (done) =>
      attempt(() => {
        end();
        return '';
      }, done),
  });
};

const explain = (file: string, cause: unknown): Failure => {
  if (cause instanceof Failure) return new Failure(`${file}: ${cause.message}`, cause.exitCode);
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Failure(`${file}: not found; check the path`);
  if (code === 'EISDIR') return new Failure(`${file}: is a folder; name a .csv or .csv.gz file in it`);
  if (code === 'EACCES') return new Failure(`${file}: can't be read; check its permissions`);
  if (code.startsWith('Z_'))
    return new Failure(`${file}: is not whole gzip data (${message}); fetch or compress it again`);
  return new Failure(`${file}: ${message.split('\n')[0]}`);
};

/** Streams a table, header first, through the detectors into `out`. @throws Failure */
export const detectTable = async (
  table: AsyncIterable<readonly string[]>,
  out: Writable,
  options: DetectOptions,
): Promise<void> => {
  try {
    await pipeline(Readable.from(table), transformer(options), out, { end: out !== process.stdout });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPIPE') throw cause;
  }
};

/** Streams `file` through the detectors into `out`. @throws Failure */
export const detectFile = async (file: string, out: Writable, options: DetectOptions): Promise<void> => {
  const csv = parse({ bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  const endOut = { end: out !== process.stdout };
  try {
    const about = await stat(file);
    if (about.isDirectory()) throw Object.assign(new Error(file), { code: 'EISDIR' });
    const bytes = createReadStream(file);
    const { judged, progress } = options;
    const table = transformer({
      ...options,
      judged: (names, row) => {
        judged?.(names, row);
        progress?.(bytes.bytesRead, about.size);
      },
    });
    if (file.endsWith('.gz')) await pipeline(bytes, createGunzip(), csv, table, out, endOut);
    else await pipeline(bytes, csv, table, out, endOut);
  } catch (cause) {
    // The reader of our output has seen enough (`| head`).
    if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw explain(file, cause);
  }
};

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number of rows.');
  return Number(text);
};

const names = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

interface CommandOptions extends DetectOptions {
  readonly out?: string;
  readonly plot?: string;
  readonly store?: true;
  readonly equipment?: string;
  readonly unit?: string;
  readonly metric?: readonly string[];
  readonly from?: number;
  readonly to?: number;
}

const OF_STORE = ['equipment', 'unit', 'metric', 'from', 'to'] as const;
const OF_FILE = ['time', 'ignore'] as const;

/** What is judged: the file, or the series of the store; never half of each. */
const refuseMixture = (file: string | undefined, options: CommandOptions): void => {
  if (file !== undefined && options.store) throw new Failure('give a file or --store, not both', 2);
  if (file === undefined && !options.store)
    throw new Failure('give a file, or --store --equipment ID --metric NAME', 2);
  const other = (options.store ? OF_FILE : OF_STORE).find((name) => options[name] !== undefined);
  if (other) throw new Failure(`--${other}: only with ${options.store ? 'a file' : '--store'}`, 2);
  if (options.store && (!options.equipment || !options.metric?.length))
    throw new Failure('--store: name what to read with --equipment ID and --metric NAME', 2);
};

const detectStored = (command: Command, out: Writable, options: CommandOptions): Promise<void> =>
  withTelemetry(configOf(command), (store) => {
    const { equipment = '', metric = [], unit, from, to } = options;
    const range = {
      ...{ equipment, metrics: metric },
      ...(unit === undefined ? {} : { unit }),
      ...(from === undefined ? {} : { fromMs: from }),
      ...(to === undefined ? {} : { toMs: to }),
    };
    return detectTable(storedTable(store, range), out, { ...options, time: 'ts' });
  });

/** `precall detect`, CONTRACT §5. */
export const detectCommand = (): Command =>
  new Command('detect')
    .description('streams a recorded history through the live detectors, one score a row')
    .argument('[file]', '.csv or .csv.gz with a header line')
    .option('--time <column>', 'column of the time (default: the first that holds one)')
    .option('--ignore <columns>', 'columns to leave out, separated by commas', names)
    .option('--store', 'read from the telemetry store (PRECALL_TELEMETRY) instead of a file')
    .option('--equipment <id>', 'with --store: the equipment')
    .option('--unit <id>', 'with --store: the bay, lift or shuttle; needed where several have the metrics')
    .option('--metric <names>', 'with --store: the metrics, separated by commas', names)
    .option(
      '--from <time>',
      'with --store: from this time on (default: from the first reading)',
      instantOption,
    )
    .option('--to <time>', 'with --store: up to this time', instantOption)
    .option('--out <file>', 'write there instead of to the terminal')
    .option('--plot <file>', 'also write a page (.html) that shows series, score and alerts')
    .option('--warmup <rows>', 'rows at the beginning that are taken as normal and score 0', wholeNumber)
    .action(async (file: string | undefined, options: CommandOptions, command: Command) => {
      refuseMixture(file, options);
      const { out } = options;
      if (file !== undefined && out !== undefined && resolve(out) === resolve(file))
        throw new Failure(`--out ${out}: is the file that is read; name another`, 2);
      const sink = out === undefined ? process.stdout : createWriteStream(out);
      const plot = options.plot === undefined ? null : newPlot(options.plot, file ?? options.equipment ?? '');
      // Rows and a bar on one screen would be in each other's way.
      const bar = out === undefined && process.stdout.isTTY ? null : fileProgress(process.stderr);
      const told = { ...options, ...(plot && { judged: plot.add }), ...(bar && { progress: bar.row }) };
      try {
        if (file === undefined) await detectStored(command, sink, told);
        else await detectFile(file, sink, told);
      } finally {
        bar?.end();
      }
      await plot?.save();
    });
