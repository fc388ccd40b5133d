import type { TelemetryStore } from '../../../store/telemetry.ts';
import { usageOf } from '../service/process.ts';
import type { Kind, Place } from './places.ts';
import { batchesOf, type Made, METRIC_NAMES, nameOf, timeOf } from './readings.ts';

/** What is put into each store, and how often it is asked. */
export interface Plan {
  readonly made: Made;
  readonly machines: number;
  readonly readingsEach: number;
  readonly batchReadings: number;
  readonly queries: number;
}

export interface Latencies {
  readonly dayMs: readonly number[];
  readonly monthMs: readonly number[];
  /** The first question after the start, and the same one again. */
  readonly latestFirstMs: readonly number[];
  readonly latestAgainMs: readonly number[];
}

export interface Measured {
  readonly pointsPerS: number;
  /** CPU seconds per million points. */
  readonly ownCpuS: number;
  readonly serverCpuS: number | null;
  /** Of the server, from the last write until everything is packed. */
  readonly packingCpuS: number | null;
  readonly bytesWritten: number;
  readonly bytesSettled: number;
  readonly latencies: Latencies | null;
}

/** What the dashboard asks for. */
const POINTS = 600;
const DAY_MS = 86_400_000;

export const pointsOf = ({ machines, readingsEach }: Plan): number =>
  machines * readingsEach * METRIC_NAMES.length;

const cpuS = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const serverCpuS = (place: Place): number => {
  const pid = place.pid();
  return pid === null ? 0 : usageOf(pid).cpuS;
};

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
};

/** One batch after the other, as the recorder writes. Making them is not counted. */
const writeAll = async (store: TelemetryStore, plan: Plan) => {
  let [tookMs, ownCpuS, stored] = [0, 0, 0];
  for (const batch of batchesOf(plan.made, plan.machines, plan.readingsEach, plan.batchReadings)) {
    const before = cpuS();
    tookMs += await took(async () => {
      stored += (await store.write(batch)).stored;
    });
    ownCpuS += cpuS() - before;
  }
  if (stored !== pointsOf(plan)) throw new Error(`${stored} of ${pointsOf(plan)} points were stored`);
  return { tookMs, ownCpuS };
};

const ask = async (store: TelemetryStore, plan: Plan): Promise<Latencies> => {
  const { made, machines, readingsEach, queries } = plan;
  const toMs = timeOf(made, machines, readingsEach);
  const series = (rangeMs: number) => async (at: number) => {
    const metric = METRIC_NAMES[at % METRIC_NAMES.length] as string;
    const equipment = nameOf((at * 7) % machines);
    const query = { equipment, unit: made.unit, metric, fromMs: toMs - rangeMs, toMs, points: POINTS };
    const { mean } = await store.series(query);
    if (!mean.some((value) => value !== null)) throw new Error(`nothing is there of ${equipment} ${metric}`);
  };
  const latest = async (at: number): Promise<void> => {
    if ((await store.latest(nameOf(at % machines))).length !== METRIC_NAMES.length)
      throw new Error(`the latest values of ${nameOf(at % machines)} are not all there`);
  };
  const times = async (count: number, work: (at: number) => Promise<unknown>): Promise<number[]> => {
    const all: number[] = [];
    for (let at = 0; at < count; at++) all.push(await took(() => work(at)));
    return all;
  };
  return {
    latestFirstMs: await times(machines, latest),
    latestAgainMs: await times(machines, latest),
    dayMs: await times(queries, series(DAY_MS)),
    monthMs: await times(queries, series(30 * DAY_MS)),
  };
};

/** One store from its first byte to its last question, on a fresh place that is removed afterwards. */
export const measure = async (kind: Kind, plan: Plan): Promise<Measured> => {
  if (kind.start === null) throw new Error(`${kind.label} is not installed`);
  const place = await kind.start();
  try {
    const empty = place.diskBytes();
    const million = pointsOf(plan) / 1e6;
    let store = await place.open();
    const serverBefore = serverCpuS(place);
    const { tookMs, ownCpuS } = await writeAll(store, plan);
    const serverCpu = serverCpuS(place) - serverBefore;
    await store.close();
    const bytesWritten = (place.diskBytes() - empty) / pointsOf(plan);
    const pidBefore = place.pid();
    const packingBefore = serverCpuS(place);
    await place.settle(plan.made.startMs, timeOf(plan.made, 0, plan.readingsEach));
    // A server that was started anew begins at none.
    const packingCpuS = serverCpuS(place) - (place.pid() === pidBefore ? packingBefore : 0);
    const bytesSettled = (place.diskBytes() - empty) / pointsOf(plan);
    let latencies: Latencies | null = null;
    if (!kind.isWriteOnly) {
      store = await place.open();
      latencies = await ask(store, plan);
      await store.close();
    }
    return {
      pointsPerS: (pointsOf(plan) * 1_000) / tookMs,
      ownCpuS: ownCpuS / million,
      serverCpuS: pidBefore === null ? null : serverCpu / million,
      packingCpuS: pidBefore === null ? null : packingCpuS / million,
      bytesWritten,
      bytesSettled,
      latencies,
    };
  } finally {
    await place.stop();
  }
};
