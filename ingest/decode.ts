import { map, type OperatorFunction } from 'rxjs';
import type { StatusReport } from '../core/equipment/status.ts';
import type { FaultReport } from '../core/fault/report.ts';
import {
  decodeFault,
  decodeStatus,
  decodeTelemetry,
  isRejected,
  type Rejected,
} from '../core/telemetry/decode.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import type { Channel, Control, LogRecord } from '../store/log.ts';
import { type Batch, mapItems, type Origin } from './batch.ts';

/** What a record says. `nothing`: it was rejected as a whole, or is skipped. */
export type Said =
  | { readonly kind: 'readings'; readonly readings: readonly Reading[] }
  | { readonly kind: 'fault'; readonly report: FaultReport }
  | { readonly kind: 'status'; readonly report: StatusReport }
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'tick' }
  | { readonly kind: 'nothing' };

export interface Decoded extends Origin {
  /** `''` for ticks and controls. */
  readonly equipment: string;
  readonly connectionId: string;
  readonly channel: Channel | 'control' | 'tick';
  readonly said: Said;
  readonly rejected: readonly (Omit<Rejected, 'reason'> & { readonly reason: string })[];
}

const NONE: readonly never[] = [];
const NOTHING: Said = { kind: 'nothing' };

const saidBy = (
  record: LogRecord & { readonly kind: 'message' },
): { readonly said: Said; readonly rejected: readonly Rejected[] } => {
  if (record.channel === 'telemetry') {
    const { readings, rejected } = decodeTelemetry(record);
    return { said: readings.length === 0 ? NOTHING : { kind: 'readings', readings }, rejected };
  }
  const report = record.channel === 'fault' ? decodeFault(record) : decodeStatus(record);
  if (isRejected(report)) return { said: NOTHING, rejected: [report] };
  return 'code' in report
    ? { said: { kind: 'fault', report }, rejected: NONE }
    : { said: { kind: 'status', report }, rejected: NONE };
};

const skipped = (record: LogRecord): Decoded['rejected'] => [
  {
    index: 0,
    reason: 'crashes-reader',
    detail: 'the record crashed the reader twice and is skipped; please report it with its payload',
    payload: record.kind === 'message' ? new TextDecoder().decode(record.payload.subarray(0, 2_048)) : '',
  },
];

export const decodeRecord = (record: LogRecord, skip: ReadonlySet<number>): Decoded => {
  const { partition, offset, receivedAtMs } = record;
  const origin = { partition, offset, receivedAtMs };
  const isMessage = record.kind === 'message';
  const from = {
    equipment: isMessage ? record.equipment : '',
    connectionId: isMessage ? record.connectionId : '',
    channel: isMessage ? record.channel : record.kind,
  };
  if (skip.has(offset)) return { ...origin, ...from, said: NOTHING, rejected: skipped(record) };
  if (isMessage) return { ...origin, ...from, ...saidBy(record) };
  const said: Said = record.kind === 'tick' ? { kind: 'tick' } : { kind: 'control', control: record.control };
  return { ...origin, ...from, said, rejected: NONE };
};

/**
 * Payloads to readings, faults and status: one item out for each record in, in order, with what had to
 * be rejected and why. Keeps no state, emits in the same turn, never errors on what equipment sent.
 */
export const decode = (skip: ReadonlySet<number>): OperatorFunction<Batch<LogRecord>, Batch<Decoded>> =>
  map((batch) => mapItems(batch, (record) => decodeRecord(record, skip)));
