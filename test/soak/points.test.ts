import { describe, expect, test } from 'vitest';
import type { TelemetryStore } from '../../store/telemetry.ts';
import { type Kind, kinds, type Place } from '../bench/stores/places.ts';
import {
  batchesOf,
  type Made,
  METRIC_NAMES,
  nameOf,
  numberOf,
  readingOf,
  timeOf,
} from '../bench/stores/readings.ts';

/** Ten million points into each telemetry store, and every one of them out again. */
const POINTS = Number(process.env.POINTS ?? 10_000_000);
const MACHINES = 50;
const EACH = Math.ceil(POINTS / MACHINES / METRIC_NAMES.length);
const BATCH = 2_000;
const PAGE = 5_000;
const MADE: Made = { seed: 7, startMs: Date.UTC(2026, 0, 1), stepMs: 60_000, unit: 'bay1' };
const END_MS = timeOf(MADE, 0, EACH);
const EXACT = 1e-12;

const write = async (store: TelemetryStore, canLook: boolean): Promise<void> => {
  let [stored, batches] = [0, 0];
  for (const batch of batchesOf(MADE, MACHINES, EACH, BATCH)) {
    stored += (await store.write(batch)).stored;
    // What was not acknowledged comes again.
    if (canLook && batches++ % 100 === 0) expect((await store.write(batch)).stored).toBe(0);
  }
  expect(stored).toBe(MACHINES * EACH * METRIC_NAMES.length);
};

/** Every number of a machine, by its time and number, in order. */
const expectAll = async (store: TelemetryStore, machine: number): Promise<void> => {
  let cursor: string | undefined;
  let index = 0;
  do {
    const page = await store.readings({
      ...{ equipment: nameOf(machine), fromMs: MADE.startMs, toMs: END_MS + MADE.stepMs, limit: PAGE },
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const row of page.rows) {
      const made = readingOf(MADE, machine, index++);
      const isSame =
        row.tsMs === made.tsMs &&
        row.seq === made.seq &&
        row.receivedAtMs === made.receivedAtMs &&
        METRIC_NAMES.every((metric) => row.values[metric] === made.values[metric]);
      // Millions of assertions would take longer than all the rest.
      if (!isSame) expect(row).toEqual(made);
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  expect(index).toBe(EACH);
};

const near = (found: number | null | undefined, wanted: number): boolean =>
  typeof found === 'number' && Math.abs(found - wanted) <= EXACT * Math.abs(wanted);

/** Buckets as a plain loop makes them of what was sent. */
const expectBuckets = async (
  store: TelemetryStore,
  machine: number,
  metric: number,
  range: { readonly fromMs: number; readonly toMs: number; readonly points: number },
): Promise<void> => {
  const name = METRIC_NAMES[metric] as string;
  const query = { equipment: nameOf(machine), unit: MADE.unit, metric: name, ...range };
  const { ts, min, max, mean } = await store.series(query);
  const widthMs = (ts[1] ?? range.toMs) - (ts[0] ?? 0);
  const values: number[][] = ts.map(() => []);
  for (let index = 0; index < EACH; index++) {
    const tsMs = timeOf(MADE, machine, index);
    if (tsMs < range.fromMs || tsMs >= range.toMs) continue;
    values[Math.floor((tsMs - range.fromMs) / widthMs)]?.push(numberOf(MADE, machine, metric, index));
  }
  expect(values.some((of) => of.length > 0)).toBe(true);
  for (const [i, of] of values.entries()) {
    if (of.length === 0) {
      expect([min[i], max[i], mean[i]]).toEqual([null, null, null]);
      continue;
    }
    const sum = of.reduce((total, value) => total + value, 0);
    const isSame = min[i] === Math.min(...of) && max[i] === Math.max(...of) && near(mean[i], sum / of.length);
    if (!isSame)
      expect([min[i], max[i], mean[i]]).toEqual([Math.min(...of), Math.max(...of), sum / of.length]);
  }
};

const check = async (store: TelemetryStore): Promise<void> => {
  expect((await store.stats()).points).toBe(MACHINES * EACH * METRIC_NAMES.length);
  for (let machine = 0; machine < MACHINES; machine++) {
    await expectAll(store, machine);
    const last = readingOf(MADE, machine, EACH - 1);
    const latest = await store.latest(nameOf(machine));
    expect(Object.fromEntries(latest.map(({ metric, value }) => [metric, value]))).toEqual(last.values);
    expect(new Set(latest.map(({ tsMs }) => tsMs))).toEqual(new Set([last.tsMs]));
    for (let metric = machine % 2; metric < METRIC_NAMES.length; metric += 2) {
      await expectBuckets(store, machine, metric, { fromMs: MADE.startMs, toMs: END_MS, points: 600 });
      // Edges that no reading lies on, and gaps: fewer readings than buckets.
      await expectBuckets(store, machine, metric, {
        fromMs: END_MS - 86_400_000 - 1_234,
        toMs: END_MS - 777,
        points: 1_999,
      });
    }
  }
};

interface Vector {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

/** A server that can't be asked our questions is asked its own: how many points each series has, and their sum. */
const checkVictoria = async (host: string): Promise<void> => {
  await (await fetch(`http://${host}/internal/force_flush`)).text();
  const ask = async (what: string): Promise<Map<string, number>> => {
    const query = `${what}({__name__=~"reading_.+"}[${Math.ceil((END_MS - MADE.startMs) / 86_400_000) + 2}d]) keep_metric_names`;
    const time = String(END_MS / 1_000 + 60);
    const answer = await fetch(`http://${host}/api/v1/query?${new URLSearchParams({ query, time })}`);
    const { data } = (await answer.json()) as Vector;
    return new Map(
      data.result.map(({ metric, value }) => [`${metric.equipment} ${metric.__name__}`, Number(value[1])]),
    );
  };
  const [counts, sums] = [await ask('count_over_time'), await ask('sum_over_time')];
  for (let machine = 0; machine < MACHINES; machine++)
    METRIC_NAMES.forEach((name, metric) => {
      const series = `${nameOf(machine)} reading_${name}`;
      expect(counts.get(series), series).toBe(EACH);
      let sum = 0;
      for (let index = 0; index < EACH; index++) sum += numberOf(MADE, machine, metric, index);
      expect(Math.abs((sums.get(series) ?? 0) / sum - 1), series).toBeLessThan(1e-9);
    });
};

const started = (kind: Kind): Promise<Place> => {
  if (kind.start === null)
    throw new Error(`${kind.label} is not installed: run bash test/servers/install.sh`);
  return kind.start();
};

describe.each(kinds())('$label', (kind) => {
  test(`${POINTS} points are stored, counted and read back as they came`, {
    timeout: 3_600_000,
  }, async () => {
    const place = await started(kind);
    try {
      const writing = await place.open();
      await write(writing, !kind.isWriteOnly);
      await writing.close();
      if (kind.isWriteOnly) return await checkVictoria(place.host ?? '');
      const store = await place.open();
      await check(store);
      await store.close();
    } finally {
      await place.stop();
    }
  });
});
