import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { AlertEvent } from '../core/alert/alert.ts';
import { HOUR, MINUTE, normal, uniform } from '../core/detect/testing/play.ts';
import type { LogRecord } from '../store/log.ts';
import type { Batch } from './batch.ts';
import { decode } from './decode.ts';
import { dedupe } from './dedupe.ts';
import { detect, type Judged } from './detect.ts';
import { type Memory, newMemory, restoreMemory, takeCheckpoints } from './memory.ts';
import { order } from './order.ts';
import { batchOf, controls, NOW, says, ticks } from './testing/records.ts';

/** What the watcher does is a function of the log: not of batches, crashes, or what was sent twice. */
const catalogue = await loadCatalogue();
const START = NOW - 400 * HOUR;

interface Said {
  readonly body: unknown;
  readonly tsMs: number;
  readonly equipment: string;
}

/** Two garages that wear, with noise, a fault and a limit, over some hundred cycles. */
const story = (seed: number): readonly Said[] => {
  const random = uniform(seed);
  const said: Said[] = [];
  for (let cycle = 0; cycle < 420; cycle++)
    for (const equipment of ['E', 'F']) {
      const tsMs = START + cycle * 10 * MINUTE + Math.floor(random() * MINUTE);
      const wear = cycle > 300 ? 1.01 ** Math.min(cycle - 300, 50) : 1;
      const hoistCurrentA = 9 * (1 + 0.02 * normal(random)) * (equipment === 'E' ? wear : 1);
      const skewMm = cycle === 350 ? 16 : 2 + random();
      const unit = `bay${cycle % 2}`;
      said.push({ equipment, tsMs, body: { ts: tsMs, seq: cycle, unit, values: { hoistCurrentA, skewMm } } });
    }
  return said;
};

const toLog = (said: readonly Said[], withOthers = true): readonly LogRecord[] => {
  const log: LogRecord[] = [];
  let nowMs = START;
  const push = (make: (offset: number) => LogRecord): void => {
    log.push(make(log.length));
  };
  push((offset) => controls(offset, { type: 'connected', connectionId: 'c1', equipment: ['E', 'F'] }, nowMs));
  for (const [i, { body, tsMs, equipment }] of said.entries()) {
    nowMs = Math.max(nowMs, tsMs + 100);
    if (withOthers && i === 500)
      push((offset) => says(offset, { ts: tsMs, code: 'G06' }, { channel: 'fault', receivedAtMs: nowMs }));
    push((offset) => says(offset, body, { equipment, receivedAtMs: nowMs }));
    if (i % 5 === 4) push((offset) => ticks(offset, nowMs + 1_000));
    if (withOthers && i === 760)
      push((offset) =>
        controls(
          offset,
          {
            type: 'repaired',
            equipment: 'E',
            unit: 'bay1',
            component: 'hoist',
            repairedAtMs: tsMs,
            ticket: 't',
          },
          nowMs,
        ),
      );
  }
  push((offset) => ticks(offset, nowMs + 10 * MINUTE));
  return log;
};

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
const linksOf = (batches: readonly Batch<Judged>[]) =>
  batches.flatMap(({ items }) => items.flatMap(({ connections }) => connections));

const cut = (log: readonly LogRecord[], random: () => number): readonly Batch<LogRecord>[] => {
  const batches: Batch<LogRecord>[] = [];
  for (let at = 0; at < log.length; ) {
    const size = 1 + Math.floor(random() * 60);
    batches.push(batchOf(...log.slice(at, at + size)));
    at += size;
  }
  return batches;
};

test('the same for every cut into batches and every crash and restart, whole or with work lost', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const log = toLog(story(seed));
    const straight = await run([batchOf(...log)], newMemory());
    expect(eventsOf(straight).length).toBeGreaterThan(4);
    const random = uniform(100 + seed);
    const saved = new Map<string, string>();
    let memory = newMemory();
    const out: Batch<Judged>[] = [];
    let pending: Batch<LogRecord>[] = [];
    const restart = (): void => {
      memory = restoreMemory([...saved].map(([key, state]) => ({ key, state })));
    };
    for (const batch of cut(log, random)) {
      pending.push(batch);
      if (random() < 0.3) {
        // Killed before it committed: what was done since then is done again.
        await run(pending, memory);
        restart();
      }
      if (random() < 0.6) {
        out.push(...(await run(pending, memory)));
        pending = [];
        for (const { key, state } of takeCheckpoints(memory)) saved.set(key, state);
        if (random() < 0.5) restart();
      }
    }
    out.push(...(await run(pending, memory)));
    expect(eventsOf(out)).toEqual(eventsOf(straight));
    expect(linksOf(out)).toEqual(linksOf(straight));
  }
});

/** What was told, whatever record it hangs on. */
const told = async (said: readonly Said[]): Promise<readonly string[]> =>
  eventsOf(await run([batchOf(...toLog(said, false))], newMemory()))
    .map(({ equipment, unit, rule, type, reason, severity, atMs, evidence }) =>
      JSON.stringify([equipment, unit, rule, type, reason, severity, atMs, evidence.seen, evidence.crossing]),
    )
    .sort();

test('duplicates and reordering within the lateness change nothing', async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = uniform(200 + seed);
    const plain = story(seed).map(({ body, equipment }, i): Said => {
      const tsMs = START + i * 1_000;
      return { equipment, tsMs, body: { ...(body as object), ts: tsMs } };
    });
    const mixed = plain
      .flatMap((one) => (random() < 0.2 ? [one, one] : [one]))
      .map((one) => ({ one, at: one.tsMs + random() * 4_000 }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
    const straight = await told(plain);
    expect(straight.length).toBeGreaterThan(3);
    expect(await told(mixed)).toEqual(straight);
  }
});
