import { concat, concatMap, defer, from, ignoreElements, type OperatorFunction, of } from 'rxjs';
import type { Reading } from '../core/telemetry/reading.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import { type Patience, patiently } from './backoff.ts';
import type { Batch } from './batch.ts';
import type { Decoded } from './decode.ts';

export const readingsOf = (batch: Batch<Decoded>): readonly Reading[] => {
  const readings: Reading[] = [];
  for (const { said } of batch.items)
    if (said.kind === 'readings') for (const reading of said.readings) readings.push(reading);
  return readings;
};

/**
 * Stores the readings of each batch, in one write, before it hands the batch on; one batch at a time. A
 * store that is away is tried again for as long as it takes: the log holds what waits.
 */
export const write = (
  telemetry: Pick<TelemetryStore, 'write'>,
  patience: Patience,
  onWritten: (result: { readonly stored: number; readonly duplicates: number }) => void = () => undefined,
): OperatorFunction<Batch<Decoded>, Batch<Decoded>> =>
  concatMap((batch) => {
    const readings = readingsOf(batch);
    if (readings.length === 0) return of(batch);
    const written = defer(() => from(telemetry.write(readings).then(onWritten)));
    return concat(written.pipe(patiently(patience), ignoreElements()), of(batch));
  });
