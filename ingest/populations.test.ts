import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { AlertEvent } from '../core/alert/alert.ts';
import { populationsOf } from '../core/detect/population.ts';
import { DAY, HOUR, MINUTE, normal, uniform } from '../core/detect/testing/play.ts';
import type { LogEntry, LogRecord } from '../store/log.ts';
import { LogFullError } from '../store/log.ts';
import { virtualTime } from '../time/virtual.ts';
import type { Batch } from './batch.ts';
import { restoreMemory, takeCheckpoints } from './checkpoint.ts';
import { decode } from './decode.ts';
import { dedupe } from './dedupe.ts';
import { detect, type Judged } from './detect.ts';
import { MAX_MODELS, type Memory, newMemory, takePopulation } from './memory.ts';
import { order } from './order.ts';
import { startPopulations } from './populations.ts';
import { batchOf, controls, NOW, says, ticks } from './testing/records.ts';

const catalogue = await loadCatalogue();
const START = NOW - 20 * DAY;
const MACHINES = Array.from({ length: 8 }, (_, i) => `m${i}`);

const run = async (batches: readonly Batch<LogRecord>[], memory: Memory): Promise<readonly Batch<Judged>[]> =>
  lastValueFrom(
    from(batches).pipe(
      decode(new Set()),
      dedupe(memory),
      order(memory),
      detect(catalogue, memory),
      toArray(),
    ),
    { defaultValue: [] },
  );
const eventsOf = (batches: readonly Batch<Judged>[]): readonly AlertEvent[] =>
  batches.flatMap(({ items }) => items.flatMap(({ events }) => events));

/**
 * Eight machines of one model in which much goes wrong: one is unlike the others, a value hangs, one goes silent
 * and one offline, a harmless code comes in bursts; and the service is away for a night.
 */
const story = async (seed: number): Promise<readonly LogRecord[]> => {
  const random = uniform(seed);
  const log: LogRecord[] = [];
  const memory = newMemory();
  const push = async (...records: ((offset: number) => LogRecord)[]): Promise<void> => {
    const batch = records.map((record, i) => record(log.length + i));
    log.push(...batch);
    await run([batchOf(...batch)], memory);
  };
  const models = MACHINES.map((id) => ({ id, model: 'PCS-9' }));
  await push(
    (offset) => controls(offset, { type: 'registered', equipment: models }, START),
    (offset) => controls(offset, { type: 'connected', connectionId: 'c1', equipment: MACHINES }, START),
  );
  for (let atMs = 0; atMs < 6 * DAY; atMs += 15 * MINUTE) {
    const nowMs = START + atMs;
    const isAway = atMs > 4.2 * DAY && atMs < 4.5 * DAY;
    if (isAway) continue;
    const records: ((offset: number) => LogRecord)[] = [];
    for (const [i, equipment] of MACHINES.entries()) {
      if (i === 1 && atMs > 3 * DAY && atMs < 3.6 * DAY) continue;
      if (i === 2 && atMs > 3.25 * DAY && atMs < 5 * DAY) continue;
      const doorCloseS = (i === 3 ? 9.6 : 6 + 0.1 * i) * (1 + 0.02 * normal(random));
      const oilTempC = i === 4 && atMs > 2 * DAY ? 40 : 40 + normal(random);
      const values = { doorCloseS, oilTempC, oilPressureMpa: 12 + 0.2 * normal(random) };
      const receivedAtMs = nowMs + i;
      records.push((offset) => says(offset, { ts: receivedAtMs, values }, { equipment, receivedAtMs }));
      if (i === 5 && atMs > 3 * DAY && atMs < 3.5 * DAY && atMs % HOUR === 0)
        for (const active of [true, false])
          records.push((offset) =>
            says(
              offset,
              { ts: receivedAtMs + (active ? 1 : 2), code: 'G14', active },
              { equipment, receivedAtMs, channel: 'fault' },
            ),
          );
    }
    if (atMs === 3.25 * DAY + 15 * MINUTE)
      records.push((offset) =>
        controls(offset, { type: 'disconnected', connectionId: 'c1', equipment: ['m2'] }, nowMs),
      );
    for (let second = 0; second < 15 * 60; second += 15)
      records.push((offset) => ticks(offset, nowMs + second * 1_000));
    await push(...records);
    if (atMs % (6 * HOUR) !== 0) continue;
    const machines = [...memory.equipment].map(([id, { state }]) => [id, state] as const);
    for (const population of populationsOf(catalogue, machines, nowMs + 15 * MINUTE))
      await push((offset) => controls(offset, { type: 'population', population }, nowMs + 15 * MINUTE));
  }
  return log;
};

test('stuck, silent, offline, too often, unlike its peers: the same for every crash and every restart', async () => {
  const log = await story(1);
  const straight = eventsOf(await run([batchOf(...log)], newMemory()));
  const rules = new Set(straight.map(({ rule, equipment }) => `${equipment} ${rule}`));
  for (const one of [
    'm1 no-data:silent',
    'm2 no-data:offline',
    'm3 peers:doorCloseS',
    'm4 stuck:oilTempC',
    'm5 code-rate:G14',
  ])
    expect(rules).toContain(one);
  expect(rules.size).toBe(5 + [...rules].filter((rule) => rule.includes('fault:')).length);
  for (let seed = 1; seed <= 2; seed++) {
    const random = uniform(70 + seed);
    const saved = new Map<string, string>();
    const told = new Map<string, AlertEvent>();
    let memory = newMemory();
    let resume = -1;
    for (let at = 0; at < log.length; ) {
      const records = log.slice(at, at + 1 + Math.floor(random() * 4_000));
      const batches = await run([batchOf(...records)], memory);
      at += records.length;
      const isKilled = random() < 0.2;
      if (!isKilled) {
        const upTo = at - 1;
        const { checkpoints, offset } = takeCheckpoints(memory, upTo, {
          maxBytes: random() * 40_000,
          minTurns: 0,
        });
        for (const { key, state } of checkpoints) saved.set(key, state);
        resume = offset;
        for (const event of eventsOf(batches)) {
          const key = JSON.stringify(event.key);
          expect(told.get(key) ?? event).toEqual(event);
          told.set(key, event);
        }
      }
      if (isKilled || random() < 0.2) {
        memory = restoreMemory([...saved].map(([key, state]) => ({ key, state })));
        at = resume + 1;
      }
    }
    expect(
      [...told.values()].sort((a, b) => a.key.offset - b.key.offset || a.key.index - b.key.index),
    ).toEqual(straight);
  }
}, 60_000);

test('the log is told once an hour how the models are, and again later where it was full', async () => {
  const memory = newMemory();
  const machines = await story(2);
  await run([batchOf(...machines)], memory);
  memory.shared = { ...memory.shared, populations: new Map() };
  const time = virtualTime(START + 6 * DAY);
  const told: LogEntry[] = [];
  const problems: string[] = [];
  let isFull = false;
  const stop = startPopulations({
    log: {
      append: async (entry) => {
        if (isFull) throw new LogFullError('full');
        told.push(entry);
        return told.length;
      },
    },
    timers: time,
    catalogue,
    memory: () => memory,
    lagMs: () => 0,
    onProblem: ({ what }) => problems.push(what),
  });
  await time.advance(START + 6 * DAY + 50 * MINUTE);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    control: { type: 'population', population: { model: 'PCS-9', machines: 8 } },
  });
  await time.advance(START + 6 * DAY + 3.5 * HOUR);
  expect(told).toHaveLength(4);
  isFull = true;
  await time.advance(START + 6 * DAY + 4.5 * HOUR);
  expect(problems).toEqual(['the log does not take how the models are']);
  isFull = false;
  await time.advance(START + 6 * DAY + 5.5 * HOUR);
  expect(told).toHaveLength(5);
  await stop();
  await time.advance(START + 6 * DAY + 9 * HOUR);
  expect(told).toHaveLength(5);
});

test('more models than are kept: those told last', () => {
  const memory = newMemory();
  for (let i = 0; i < MAX_MODELS + 10; i++)
    takePopulation(memory, i, { model: `X-${i}`, atMs: i, machines: 9, metrics: [], codes: [] });
  expect(memory.shared.populations.size).toBe(MAX_MODELS);
  expect(memory.shared.populations.has('X-9')).toBe(false);
  expect(memory.shared.populations.has('X-10')).toBe(true);
});
