import { map, type OperatorFunction } from 'rxjs';
import { LATENESS_MS, take, tick } from '../core/telemetry/order.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import { type Batch, firstOffset, mapItems } from './batch.ts';
import type { Decoded } from './decode.ts';
import { type Memory, remembered, touch } from './memory.ts';

export interface Ordered extends Decoded {
  /** Readings that this record made due: in event time for each equipment, equipment by id. */
  readonly released: readonly Reading[];
}

const NONE: readonly never[] = [];

/**
 * Holds readings back until nothing older can come: `latenessMs` of event time behind the newest, or as
 * long without anything newer, which ticks tell. Faults, status and controls do not wait. A reading that
 * is older than what was already released of its unit is dropped, and `onLate` called.
 */
export const order = (
  memory: Memory,
  latenessMs: number = LATENESS_MS,
  onLate: () => void = () => undefined,
): OperatorFunction<Batch<Decoded>, Batch<Ordered>> => {
  const settle = (id: string, since: number, waiting: number): void => {
    touch(memory, id, since);
    if (waiting > 0) memory.waiting.add(id);
    else memory.waiting.delete(id);
  };
  const onReadings = (
    { equipment, offset }: Decoded,
    since: number,
    readings: readonly Reading[],
  ): readonly Reading[] => {
    const known = remembered(memory, equipment);
    if (!known || offset <= known.fence) return NONE;
    const { released, late } = take(known.waiting, readings, latenessMs);
    for (let i = 0; i < late; i++) onLate();
    settle(equipment, since, known.waiting.buffer.length);
    return released;
  };
  const onTick = ({ offset, receivedAtMs: nowMs }: Decoded, since: number): readonly Reading[] => {
    const due: Reading[] = [];
    for (const id of [...memory.waiting].sort()) {
      const known = remembered(memory, id);
      const released = known && offset > known.fence ? tick(known.waiting, nowMs, latenessMs) : NONE;
      if (!known || released.length === 0) continue;
      due.push(...released);
      settle(id, since, known.waiting.buffer.length);
    }
    return due;
  };
  return map((batch) =>
    mapItems(batch, (item): Ordered => {
      if (item.said.kind === 'readings')
        return { ...item, released: onReadings(item, firstOffset(batch), item.said.readings) };
      return { ...item, released: item.said.kind === 'tick' ? onTick(item, firstOffset(batch)) : NONE };
    }),
  );
};
