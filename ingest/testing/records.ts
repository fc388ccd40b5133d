import type { Channel, Control, LogRecord } from '../../store/log.ts';
import type { Batch } from '../batch.ts';

/** Log records for tests, and batches of them. */
export const NOW = 1_767_225_600_000;

export const says = (
  offset: number,
  body: unknown,
  { channel = 'telemetry' as Channel, equipment = 'E', receivedAtMs = NOW, connectionId = 'c1' } = {},
): LogRecord => ({
  kind: 'message',
  partition: 0,
  offset,
  receivedAtMs,
  equipment,
  site: 's',
  channel,
  connectionId,
  payload: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});

export const ticks = (offset: number, receivedAtMs: number): LogRecord => ({
  kind: 'tick',
  partition: 0,
  offset,
  receivedAtMs,
});

export const controls = (offset: number, control: Control, receivedAtMs = NOW): LogRecord => ({
  kind: 'control',
  partition: 0,
  offset,
  receivedAtMs,
  control,
});

export const batchOf = (...items: LogRecord[]): Batch<LogRecord> => ({
  items,
  lastOffset: items.at(-1)?.offset ?? -1,
  lastReceivedAtMs: items.at(-1)?.receivedAtMs ?? 0,
});
