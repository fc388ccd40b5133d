import { concatMap, defer, type OperatorFunction, of } from 'rxjs';
import type { Reading } from '../core/telemetry/reading.ts';
import { TelemetryRefusedError, type TelemetryStore } from '../store/telemetry.ts';
import { type Patience, patiently } from './backoff.ts';
import type { Batch } from './batch.ts';
import type { Decoded } from './decode.ts';

export const readingsOf = (batch: Batch<Decoded>): readonly Reading[] => {
  const readings: Reading[] = [];
  for (const { said } of batch.items)
    if (said.kind === 'readings') for (const reading of said.readings) readings.push(reading);
  return readings;
};

/** What the watcher worked out, which is stored beside what was measured. */
const derivedOf = (batch: Batch<Decoded>): readonly Reading[] =>
  batch.items.flatMap(({ said }) =>
    said.kind === 'control' && said.control.type === 'derived' ? said.control.readings : [],
  );

/**
 * The record with what the store refused of it among what was rejected. Readings are members of the message in
 * order, without those that were rejected before: so each is given its own index.
 */
const withRefused = (item: Decoded, refused: ReadonlySet<Reading>, reason: string): Decoded => {
  if (item.said.kind !== 'readings' || !item.said.readings.some((reading) => refused.has(reading)))
    return item;
  const gone = new Set(item.rejected.map(({ index }) => index));
  const rejected = [...item.rejected];
  let index = -1;
  for (const reading of item.said.readings) {
    do index++;
    while (gone.has(index));
    if (!refused.has(reading)) continue;
    const payload = JSON.stringify(reading).slice(0, 2_048);
    rejected.push({ index, reason: 'refused-by-store', detail: reason, payload });
  }
  return { ...item, rejected };
};

/** What a store refuses of them (a time before its retention) nobody sent, and nobody misses. */
const writeDerived = async (
  telemetry: Pick<TelemetryStore, 'write'>,
  readings: readonly Reading[],
): Promise<void> => {
  try {
    await telemetry.write(readings);
  } catch (error) {
    if (!(error instanceof TelemetryRefusedError)) throw error;
  }
};

/**
 * Stores the readings of each batch, in one write, before it hands the batch on; one batch at a time. A
 * store that is away is tried again for as long as it takes: the log holds what waits. Readings that it refuses
 * for good are handed on as rejected.
 */
export const write = (
  telemetry: Pick<TelemetryStore, 'write'>,
  patience: Patience,
  onWritten: (result: { readonly stored: number; readonly duplicates: number }) => void = () => undefined,
): OperatorFunction<Batch<Decoded>, Batch<Decoded>> =>
  concatMap((batch) => {
    const readings = readingsOf(batch);
    const derived = derivedOf(batch);
    if (readings.length + derived.length === 0) return of(batch);
    return defer(async () => {
      if (derived.length > 0) await writeDerived(telemetry, derived);
      try {
        if (readings.length > 0) onWritten(await telemetry.write(readings));
        return batch;
      } catch (error) {
        if (!(error instanceof TelemetryRefusedError)) throw error;
        onWritten(error);
        const refused = new Set(error.refused);
        return { ...batch, items: batch.items.map((item) => withRefused(item, refused, error.message)) };
      }
    }).pipe(patiently(patience));
  });
