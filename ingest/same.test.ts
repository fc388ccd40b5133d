import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { AlertEvent } from '../core/alert/alert.ts';
import { HOUR, MINUTE, normal, uniform } from '../core/detect/testing/play.ts';
import { DEFAULT_RULES, type Rules } from '../core/rules/rules.ts';
import type { Control, LogRecord } from '../store/log.ts';
import type { Batch } from './batch.ts';
import { restoreMemory, type Share, takeCheckpoints } from './checkpoint.ts';
import { decode } from './decode.ts';
import { dedupe } from './dedupe.ts';
import { detect, type Judged } from './detect.ts';
import { type Memory, newMemory } from './memory.ts';
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
      const hoistCurrentA = 9 * (1 + 0.02 * normal(random)) * wear;
      const skewMm = cycle === 350 ? 16 : 2 + random();
      const unit = `bay${cycle % 2}`;
      said.push({ equipment, tsMs, body: { ts: tsMs, seq: cycle, unit, values: { hoistCurrentA, skewMm } } });
    }
  return said;
};

/** Ends what several machines are told at once, in one record. */
const WITHOUT_DRIFT = {
  ...DEFAULT_RULES,
  detectors: { ...DEFAULT_RULES.detectors, drift: { ...DEFAULT_RULES.detectors.drift, on: false } },
};

/** Ends what a machine is told by its model: when these rules come, or when its model is known after them. */
const WITHOUT_LEVEL: Rules = {
  ...WITHOUT_DRIFT,
  overrides: [
    {
      match: { model: null, equipmentClass: 'PSH', unit: null, metric: null },
      detectors: { level: { on: false } },
    },
  ],
};
const registered = (id: string): Control => ({ type: 'registered', equipment: [{ id, model: 'PSH-7' }] });
const LATER_RULES: Readonly<Record<number, Control>> = {
  760: registered('F'),
  770: { type: 'rules', version: 'no-level', rules: WITHOUT_LEVEL },
  // Told again, it changes nothing.
  775: { type: 'rules', version: 'no-level', rules: WITHOUT_LEVEL },
  790: registered('E'),
  836: { type: 'rules', version: 'default-again', rules: DEFAULT_RULES },
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
    if (withOthers && i === 740)
      push((offset) => controls(offset, { type: 'rules', version: 'no-drift', rules: WITHOUT_DRIFT }, nowMs));
    const later = withOthers ? LATER_RULES[i] : undefined;
    if (later) push((offset) => controls(offset, later, nowMs));
    if (withOthers && i === 700)
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
type Link = Judged['connections'][number];
const linksOf = (batches: readonly Batch<Judged>[], after = -1): readonly (Link & { offset: number })[] =>
  batches.flatMap(({ items }) =>
    items.flatMap(({ offset, connections }) =>
      offset > after ? connections.map((link) => ({ ...link, offset })) : [],
    ),
  );

const cut = (log: readonly LogRecord[], random: () => number): readonly Batch<LogRecord>[] => {
  const batches: Batch<LogRecord>[] = [];
  for (let at = 0; at < log.length; ) {
    const size = 1 + Math.floor(random() * 60);
    batches.push(batchOf(...log.slice(at, at + size)));
    at += size;
  }
  return batches;
};

test('the same for every cut into batches', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const log = toLog(story(seed));
    const straight = await run([batchOf(...log)], newMemory());
    const batches = await run(cut(log, uniform(50 + seed)), newMemory());
    expect(eventsOf(straight).length).toBeGreaterThan(4);
    expect(eventsOf(straight).some(({ key }) => key.index > 0)).toBe(true);
    const ended = eventsOf(straight).filter(({ reason }) => reason === 'rule-removed');
    expect(new Set(ended.map(({ evidence }) => evidence.rules))).toEqual(new Set(['no-drift', 'no-level']));
    // F at the rules, E when its model was known.
    const byLevel = ended.filter(({ evidence }) => evidence.rules === 'no-level');
    expect(new Set(byLevel.map(({ equipment }) => equipment))).toEqual(new Set(['E', 'F']));
    expect(new Set(byLevel.map(({ key }) => key.offset)).size).toBe(2);
    expect(eventsOf(batches)).toEqual(eventsOf(straight));
    expect(linksOf(batches)).toEqual(linksOf(straight));
  }
});

/** A ledger of one reader: what a transaction writes is there, also after a crash. */
const newDisk = () => ({
  saved: new Map<string, string>(),
  offset: -1,
  upTo: -1,
  events: new Map<string, AlertEvent>(),
  links: [] as (Link & { offset: number })[],
});
type Disk = ReturnType<typeof newDisk>;

/** Nobody, only who raised something, or some more, as much as there is room for. */
const anyShare = (random: () => number): Share => ({
  maxBytes: random() < 0.3 ? 0 : random() * 12_000,
  minTurns: random() < 0.4 ? Number.POSITIVE_INFINITY : Math.floor(random() * 4),
});

/** As the watcher commits: what is to be told always, of the checkpoints a part. */
const commitTo = (
  disk: Disk,
  memory: Memory,
  upTo: number,
  pending: readonly Batch<Judged>[],
  share: Share,
): void => {
  const events = eventsOf(pending);
  const { checkpoints, offset } = takeCheckpoints(memory, upTo, share);
  expect(offset).toBeGreaterThanOrEqual(disk.offset);
  for (const { key, state } of checkpoints) disk.saved.set(key, state);
  for (const event of events) {
    const key = JSON.stringify(event.key);
    expect(disk.events.get(key) ?? event).toEqual(event);
    disk.events.set(key, event);
  }
  disk.links.push(...linksOf(pending, memory.told));
  disk.offset = offset;
  disk.upTo = Math.max(disk.upTo, upTo);
};

test('the same for every crash and restart, whoever of the machines was saved when', async () => {
  let replayed = 0;
  for (let seed = 1; seed <= 16; seed++) {
    const log = toLog(story(seed));
    const straight = await run([batchOf(...log)], newMemory());
    const random = uniform(100 + seed);
    const disk = newDisk();
    let memory = newMemory();
    let pending: Batch<Judged>[] = [];
    let at = 0;
    const restart = (): void => {
      memory = restoreMemory([...disk.saved].map(([key, state]) => ({ key, state })));
      pending = [];
      replayed += disk.upTo - disk.offset;
      at = disk.offset + 1;
    };
    while (at < log.length || pending.length > 0) {
      const batch = log.slice(at, at + 1 + Math.floor(random() * 60));
      if (batch.length > 0) pending.push(...(await run([batchOf(...batch)], memory)));
      at += batch.length;
      // Killed before it committed: what was done since then is done again.
      if (random() < 0.1) restart();
      else if (random() < 0.6 || at >= log.length) {
        commitTo(disk, memory, at - 1, pending, anyShare(random));
        pending = [];
        if (random() < 0.2) restart();
      }
    }
    const byOffset = [...disk.events.values()].sort(
      (a, b) => a.key.offset - b.key.offset || a.key.index - b.key.index,
    );
    expect(byOffset).toEqual(eventsOf(straight));
    expect(disk.links).toEqual(linksOf(straight));
  }
  // Restarts did begin behind what had been told already.
  expect(replayed).toBeGreaterThan(500);
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
