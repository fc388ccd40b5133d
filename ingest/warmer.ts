import { modelOf } from '../core/detect/state.ts';
import { newWarmUp } from '../core/detect/warm-up.ts';
import type { Catalogue } from '../core/fault/catalogue.ts';
import { HOUR_MS } from '../core/telemetry/hours.ts';
import type { Log } from '../store/log.ts';
import { type ReadingsPage, TelemetryDownError, type TelemetryStore } from '../store/telemetry.ts';
import { repeat } from '../time/repeat.ts';
import { type Timers, turn } from '../time/timers.ts';
import type { Memory } from './memory.ts';
import type { Problem } from './reader.ts';

export interface WarmerOptions {
  readonly log: Pick<Log, 'append'>;
  readonly telemetry: Pick<TelemetryStore, 'list' | 'readings'>;
  readonly timers: Timers;
  readonly catalogue: Catalogue;
  readonly memory: () => Memory;
  /** How often it looks for machines that are new (default 5 s). */
  readonly everyMs?: number | undefined;
  readonly onProblem: (problem: Problem) => void;
}

export interface Warmer {
  stats(): { readonly machines: number; readonly warmed: number; readonly readings: number };
  close(): Promise<void>;
}

const LOOK_MS = 5_000;
const DAY_MS = 24 * HOUR_MS;
/** What the detectors learn from: two weeks, and the day that completes them. */
const HISTORY_DAYS = 15;
/** A machine that was first heard so long after its history began was not just late with its first readings. */
const LEAST_MS = HOUR_MS;
/** Of a history that is denser than this, the beginning of every hour. */
const READINGS_PER_HOUR = 60;
/** Readings judged in one go: ten milliseconds or so. */
const SLICE = 250;

/**
 * Lets machines that the watcher knows nothing of, though the telemetry store does, begin with what their history
 * teaches: a new worker, a ledger that was begun anew, series that somebody else had collected. What was learnt goes
 * through the log, so that a replay begins with the same.
 */
export const startWarmer = (options: WarmerOptions): Warmer => {
  const { log, telemetry, timers, catalogue, memory, onProblem } = options;
  const stats = { machines: 0, warmed: 0, readings: 0 };
  /** Told to the log, but perhaps not read from it yet. */
  let told = new Set<string>();
  let of: Memory | null = null;
  let isClosing = false;

  const append = (control: Extract<Parameters<Log['append']>[0], { kind: 'control' }>['control']) =>
    log.append({ kind: 'control', receivedAtMs: timers.now(), control });

  /** A day of a unit: all of it, or of every hour as much as there is room for. */
  const dayOf = async (equipment: string, unit: string, fromMs: number, toMs: number) => {
    const read = (from: number, to: number, limit: number): Promise<ReadingsPage> =>
      telemetry.readings({ equipment, unit, fromMs: from, toMs: to, limit });
    const whole = await read(fromMs, toMs, 24 * READINGS_PER_HOUR);
    if (whole.next === null) return whole.rows;
    const rows: (typeof whole.rows)[number][] = [];
    for (let from = fromMs; from < toMs && !isClosing; from += HOUR_MS)
      rows.push(...(await read(from, Math.min(from + HOUR_MS, toMs), READINGS_PER_HOUR)).rows);
    return rows;
  };

  const warmUnit = async (equipment: string, unit: string, model: string | null, untilMs: number) => {
    const warming = newWarmUp({ catalogue, rules: memory().rules }, equipment, unit, model);
    for (let fromMs = untilMs - HISTORY_DAYS * DAY_MS; fromMs < untilMs && !isClosing; fromMs += DAY_MS) {
      const rows = await dayOf(equipment, unit, fromMs, Math.min(fromMs + DAY_MS, untilMs));
      for (let at = 0; at < rows.length; at += SLICE) {
        warming.take(rows.slice(at, at + SLICE));
        stats.readings += Math.min(SLICE, rows.length - at);
        await turn(timers);
      }
    }
    const warmth = isClosing ? null : warming.result();
    if (warmth) await append({ type: 'warmed', equipment, unit, warmth });
    return warmth !== null;
  };

  const warm = async (equipment: string, model: string | null, sinceMs: number): Promise<void> => {
    const known = await telemetry.list(equipment);
    const before = known.filter(({ firstMs }) => firstMs < sinceMs - LEAST_MS);
    let isWarmed = false;
    for (const unit of new Set(before.map((series) => series.unit)))
      isWarmed = (await warmUnit(equipment, unit, model, sinceMs)) || isWarmed;
    if (isClosing) return;
    await append({ type: 'warmed', equipment, unit: '', warmth: null });
    told.add(equipment);
    stats.machines += 1;
    if (isWarmed) stats.warmed += 1;
  };

  const look = async (): Promise<void> => {
    const now = memory();
    if (now !== of) told = new Set();
    of = now;
    // Gathered first: others join while one is warmed.
    const cold: string[] = [];
    for (const [id, { state }] of now.equipment) if (state.isCold && !told.has(id)) cold.push(id);
    for (const id of cold) {
      if (isClosing || memory() !== now) return;
      const state = now.equipment.get(id)?.state;
      if (state?.isCold && state.sinceMs !== null) await warm(id, modelOf(state), state.sinceMs);
    }
  };

  const stop = repeat(timers, options.everyMs ?? LOOK_MS, look, (error) => {
    // That the store is away, others say; the machines stay cold.
    if (!(error instanceof TelemetryDownError))
      onProblem({ what: 'what the telemetry store knows of new machines could not be used', error });
  });
  return {
    stats: () => ({ ...stats }),
    close: async () => {
      isClosing = true;
      await stop();
    },
  };
};
