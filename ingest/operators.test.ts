import { defer, from, lastValueFrom, map, type Observable, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { LogRecord } from '../store/log.ts';
import { schedulerOf } from '../time/scheduler.ts';
import { systemTimers } from '../time/system.ts';
import { backoffMs, patiently } from './backoff.ts';
import { type Batch, mapItems, RecordError } from './batch.ts';
import { type Decoded, decode } from './decode.ts';
import { dedupe } from './dedupe.ts';
import { detect, type Judged } from './detect.ts';
import { newMemory } from './memory.ts';
import { type Ordered, order } from './order.ts';
import { marbles } from './testing/marbles.ts';
import { batchOf, controls, NOW, says, ticks } from './testing/records.ts';
import { write } from './write.ts';

const catalogue = await loadCatalogue();
const NO_SKIP: ReadonlySet<number> = new Set();
const reading = (ts: number, more: object = {}) => ({ ts: NOW + ts, values: { a: ts }, ...more });

/** Runs batches through an operator and shows what comes out, by name; the source's subscription as well. */
const shows = <Out>(
  operator: (source: Observable<Batch<LogRecord>>) => Observable<Out>,
  diagram: string,
  batches: Readonly<Record<string, Batch<LogRecord>>>,
  expected: string,
  outcome: Readonly<Record<string, unknown>>,
  view: (out: Out) => unknown,
): void =>
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot(diagram, batches);
    expectObservable(source.pipe(operator, map(view))).toBe(expected, outcome);
    expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(diagram.indexOf('|') - 1)}!`);
  });

const kinds = (batch: Batch<Decoded>) => batch.items.map(({ said }) => said.kind);

test('decode: one item for each record, in the same turn; what is bad is named', () => {
  const batches = {
    a: batchOf(says(0, reading(1)), says(1, '{'), ticks(2, NOW)),
    b: batchOf(
      says(3, { code: 'G06' }, { channel: 'fault' }),
      says(4, { online: true }, { channel: 'status' }),
      controls(5, { type: 'connected', connectionId: 'c', equipment: ['E'] }),
    ),
  };
  const outcome = { x: ['readings', 'nothing', 'tick'], y: ['fault', 'status', 'control'] };
  shows(decode(NO_SKIP), '-a-b|', batches, '-x-y|', outcome, kinds);
});

test('decode: a record to skip says nothing and is named', () => {
  const view = (batch: Batch<Decoded>) =>
    batch.items.map(({ said, rejected }) => [said.kind, rejected[0]?.reason]);
  const outcome = {
    x: [
      ['nothing', 'crashes-reader'],
      ['readings', undefined],
    ],
  };
  const batches = { a: batchOf(says(7, reading(1)), says(8, reading(2))) };
  shows(decode(new Set([7])), 'a|', batches, 'x|', outcome, view);
});

test('dedupe: what was heard is dropped and counted; the rest of the message passes', () => {
  let duplicates = 0;
  const operator = (source: Observable<Batch<LogRecord>>) =>
    source.pipe(
      decode(NO_SKIP),
      dedupe(newMemory(), () => {
        duplicates += 1;
      }),
    );
  const batches = {
    a: batchOf(says(0, [reading(1), reading(2)])),
    b: batchOf(says(1, [reading(2), reading(3)]), says(2, reading(1), { equipment: 'F' })),
  };
  const view = (batch: Batch<Decoded>) =>
    batch.items.map(({ said }) =>
      said.kind === 'readings' ? said.readings.map(({ tsMs }) => tsMs - NOW) : [],
    );
  shows(operator, 'a-b|', batches, 'x-y|', { x: [[1, 2]], y: [[3], [1]] }, view);
  expect(duplicates).toBe(1);
});

test('order: released by newer readings or by ticks, faults do not wait, late ones are counted', () => {
  let late = 0;
  const memory = newMemory();
  const operator = (source: Observable<Batch<LogRecord>>) =>
    source.pipe(
      decode(NO_SKIP),
      order(memory, 5_000, () => {
        late += 1;
      }),
    );
  const at = (ms: number) => ({ receivedAtMs: NOW + ms });
  const batches = {
    a: batchOf(
      says(0, [reading(2_000), reading(1_000)], at(2_000)),
      says(1, { code: 'G06' }, { channel: 'fault' }),
    ),
    b: batchOf(says(2, reading(6_500), at(6_500))),
    c: batchOf(ticks(3, NOW + 12_000), says(4, reading(6_000), at(12_000))),
  };
  const view = (batch: Batch<Ordered>) =>
    batch.items.map(
      ({ said, released }) => `${said.kind} ${released.map(({ tsMs }) => tsMs - NOW).join(' ')}`,
    );
  const outcome = {
    x: ['readings ', 'fault '],
    y: ['readings 1000'],
    z: ['tick 2000 6500', 'readings '],
  };
  shows(operator, 'abc|', batches, 'xyz|', outcome, view);
  expect(late).toBe(1);
  expect(memory.waiting.size).toBe(0);
});

describe('detect', () => {
  const watch =
    (memory = newMemory()) =>
    (source: Observable<Batch<LogRecord>>) =>
      source.pipe(decode(NO_SKIP), dedupe(memory), order(memory, 5_000), detect(catalogue, memory));
  const view = (batch: Batch<Judged>) =>
    batch.items.map(({ events, connections }) => [
      ...events.map(({ key, rule, type }) => `${key.offset}/${key.index} ${type} ${rule}`),
      ...connections.map(({ equipment, connection }) => `${equipment} ${connection.online}`),
    ]);

  test('events carry the key of their record; connections are told where they change', () => {
    const fault = (offset: number, active: boolean) =>
      says(offset, { ts: NOW + offset, code: 'G06', active }, { channel: 'fault' });
    const batches = {
      a: batchOf(
        controls(0, { type: 'connected', connectionId: 'c1', equipment: ['E', 'F'] }),
        fault(1, true),
        fault(2, true),
      ),
      b: batchOf(
        fault(3, false),
        controls(4, { type: 'disconnected', connectionId: 'c1', equipment: ['E'] }),
      ),
    };
    const outcome = {
      x: [['E online', 'F online'], ['1/0 raised fault:G06'], []],
      y: [['3/0 cleared fault:G06'], ['E offline']],
    };
    shows(watch(), 'a-b|', batches, 'x-y|', outcome, view);
  });

  test('a tick that releases readings of several equipments numbers their events', () => {
    const skew = (offset: number, equipment: string) =>
      says(offset, { ts: NOW, values: { skewMm: 20 } }, { equipment });
    const batches = { a: batchOf(skew(0, 'B'), skew(1, 'A'), ticks(2, NOW + 6_000)) };
    const outcome = {
      x: [['B online'], ['A online'], ['2/0 raised limit:skewMm:high', '2/1 raised limit:skewMm:high']],
    };
    shows(watch(), 'a|', batches, 'x|', outcome, view);
  });

  test('after a gap in the ticks, unknown until heard', () => {
    const batches = {
      a: batchOf(
        ticks(0, NOW),
        controls(1, { type: 'connected', connectionId: 'c1', equipment: ['E'] }, NOW),
        ticks(2, NOW + 1_000),
        ticks(3, NOW + 60_000),
        says(4, reading(60_000), { receivedAtMs: NOW + 60_000 }),
      ),
    };
    shows(watch(), 'a|', batches, 'x|', { x: [[], ['E online'], [], ['E unknown'], ['E online']] }, view);
  });
});

test('write: a batch without readings is handed on at once, the store is not asked', () => {
  const telemetry = { write: () => Promise.reject(new Error('asked')) };
  const patience = { onRetry: () => undefined, isFinal: () => true, scheduler: schedulerOf(systemTimers) };
  const operator = (source: Observable<Batch<LogRecord>>) =>
    source.pipe(decode(NO_SKIP), write(telemetry, patience));
  const batches = { a: batchOf(ticks(0, NOW)), b: batchOf(says(1, '{')) };
  shows(operator, 'a-b|', batches, 'x-y|', { x: 0, y: 1 }, ({ lastOffset }) => lastOffset);
});

test('write: one batch after the other, tried again until it is stored', async () => {
  const calls: string[] = [];
  let away = 2;
  const telemetry = {
    write: async (readings: readonly { readonly tsMs: number }[]) => {
      const name = readings.map(({ tsMs }) => tsMs - NOW).join(' ');
      calls.push(name);
      await Promise.resolve();
      if (away-- > 0) throw new Error('away');
      return { stored: readings.length, duplicates: 0 };
    },
  };
  const batches = [batchOf(says(0, [reading(1), reading(2)])), batchOf(says(1, reading(3)))];
  const retries: number[] = [];
  const patience = {
    onRetry: (_: Error, attempt: number) => retries.push(attempt),
    isFinal: () => false,
    scheduler: schedulerOf(systemTimers),
  };
  const out = await lastValueFrom(
    from(batches).pipe(
      decode(NO_SKIP),
      write(telemetry, patience),
      map(({ lastOffset }) => lastOffset),
      toArray(),
    ),
  );
  expect(out).toEqual([0, 1]);
  expect(calls).toEqual(['1 2', '1 2', '1 2', '3']);
  expect(retries).toEqual([1, 2]);
});

test('patience: tries again later each time, final errors pass', () => {
  const scheduler = marbles();
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    let tries = 0;
    const away = cold('#', undefined, new Error('away'));
    const fine = cold('a|');
    const gone = cold('#', undefined, new Error('final'));
    const patience = {
      onRetry: () => undefined,
      isFinal: ({ message }: Error) => message === 'final',
      scheduler,
    };
    const work = defer(() => (tries++ < 2 ? away : fine)).pipe(patiently(patience));
    expectObservable(work).toBe('300ms a|');
    expectSubscriptions(away.subscriptions).toBe(['(^!)', '100ms (^!)']);
    expectSubscriptions(fine.subscriptions).toBe('300ms ^!');
    expectObservable(gone.pipe(patiently(patience))).toBe('#', undefined, new Error('final'));
  });
  expect([1, 2, 3, 9, 20].map(backoffMs)).toEqual([100, 200, 400, 5_000, 5_000]);
});

test('a throw names its record', () => {
  const batch = { items: [ticks(4, NOW), ticks(5, NOW)], lastOffset: 5, lastReceivedAtMs: NOW };
  const work = () =>
    mapItems(batch, ({ offset }) => {
      if (offset === 5) throw new Error('boom');
      return offset;
    });
  expect(work).toThrow(RecordError);
  expect(work).toThrow('record 5: boom');
});
