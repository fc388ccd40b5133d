import { type MonoTypeOperatorFunction, map } from 'rxjs';
import { firstHearing } from '../core/telemetry/dedupe.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import { type Batch, firstOffset, mapItems } from './batch.ts';
import type { Decoded } from './decode.ts';
import { type Memory, remembered, touch } from './memory.ts';

/**
 * Drops readings, or the values of them, that were heard before (see `firstHearing`); everything else
 * passes unchanged and in order. `onDuplicate` is called once for each reading dropped whole.
 */
export const dedupe = (
  memory: Memory,
  onDuplicate: () => void = () => undefined,
): MonoTypeOperatorFunction<Batch<Decoded>> =>
  map((batch) =>
    mapItems(batch, (item): Decoded => {
      if (item.said.kind !== 'readings') return item;
      const known = remembered(memory, item.equipment);
      if (!known || item.offset <= known.fence) return { ...item, said: { kind: 'nothing' } };
      const readings: Reading[] = [];
      for (const reading of item.said.readings) {
        const fresh = firstHearing(known.heard, reading);
        if (fresh) readings.push(fresh);
        else onDuplicate();
      }
      touch(memory, item.equipment, firstOffset(batch));
      return { ...item, said: { kind: 'readings', readings } };
    }),
  );
