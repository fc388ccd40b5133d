import type { StatusReport } from '../equipment/status.ts';
import type { FaultReport } from '../fault/report.ts';
import {
  EQUIPMENT_ID,
  MAX_FUTURE_MS,
  MAX_METRICS_PER_READING,
  MAX_READINGS_PER_MESSAGE,
  METRIC_NAME,
} from './limits.ts';
import type { Reading } from './reading.ts';

/** Why a message, or one member of an array, is not taken. Names are shown and counted. */
export type RejectReason =
  | 'not-utf8'
  | 'not-json'
  | 'not-a-reading'
  | 'empty-array'
  | 'too-many-readings'
  | 'bad-ts'
  | 'future'
  | 'bad-seq'
  | 'bad-unit'
  | 'no-values'
  | 'too-many-values'
  | 'bad-metric-name'
  | 'not-finite'
  | 'not-a-fault'
  | 'bad-code'
  | 'bad-active'
  | 'not-a-status';

export interface Rejected {
  /** Index of the bad member of an array; 0 for a whole message. */
  readonly index: number;
  readonly reason: RejectReason;
  readonly detail: string;
  /** The member, or the whole message, as text; at most 2 KiB. */
  readonly payload: string;
}

export interface Message {
  readonly equipment: string;
  readonly receivedAtMs: number;
  readonly connectionId: string;
  readonly payload: Uint8Array;
}

type Refusal = readonly [reason: RejectReason, detail: string];
type Fields = Readonly<Record<string, unknown>>;

const FAULT_CODE = /^[A-Za-z0-9_.-]{1,64}$/;
const EXCERPT_CHARS = 2_048;
const MAX_TEXT = 512;
/** Before the year 2000: a clock that was never set, or seconds sent as milliseconds. */
const EARLIEST_MS = 946_684_800_000;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const laxUtf8 = new TextDecoder('utf-8');

const excerpt = (payload: Uint8Array): string =>
  laxUtf8.decode(payload.subarray(0, EXCERPT_CHARS)).slice(0, EXCERPT_CHARS);

const whole = (message: Message, [reason, detail]: Refusal): Rejected => ({
  index: 0,
  reason,
  detail,
  payload: excerpt(message.payload),
});

const parse = (message: Message): { readonly value: unknown } | Rejected => {
  let text: string;
  try {
    text = strictUtf8.decode(message.payload);
  } catch {
    return whole(message, ['not-utf8', 'the payload is not UTF-8 text; send JSON in UTF-8']);
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (cause) {
    const why = (cause as Error).message.slice(0, 200);
    return whole(message, ['not-json', `the payload is not JSON (${why}); send one JSON value`]);
  }
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own fields only, so that a key like `constructor` or `__proto__` is what was sent or nothing. */
const field = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

interface Head {
  readonly unit: string;
  readonly tsMs: number;
  readonly tsSource: 'device' | 'receive';
  readonly seq: number | null;
}

const isRefusal = (value: unknown): value is Refusal => Array.isArray(value);

const isInstant = (ts: unknown): ts is number => Number.isSafeInteger(ts) && (ts as number) >= EARLIEST_MS;

const headOf = (fields: Fields, receivedAtMs: number): Head | Refusal => {
  const ts = field(fields, 'ts') ?? null;
  if (ts !== null && !isInstant(ts))
    return ['bad-ts', 'ts must be a whole number of Unix milliseconds after the year 2000, or be left out'];
  const seq = field(fields, 'seq') ?? null;
  if (seq !== null && (!Number.isSafeInteger(seq) || (seq as number) < 0))
    return ['bad-seq', 'seq must be a whole number from 0, or be left out'];
  const unit = field(fields, 'unit') ?? '';
  if (typeof unit !== 'string' || (unit !== '' && !EQUIPMENT_ID.test(unit)))
    return ['bad-unit', 'unit must be 1 to 64 of A-Z a-z 0-9 _ -, or be left out'];
  return {
    unit,
    tsMs: ts ?? receivedAtMs,
    tsSource: ts === null ? 'receive' : 'device',
    seq: seq as number | null,
  };
};

const checkValues = (values: unknown): Refusal | null => {
  if (!isObject(values)) return ['no-values', 'values must be an object of numbers by metric name'];
  const names = Object.keys(values);
  if (names.length === 0) return ['no-values', 'values is empty; send at least one metric'];
  if (names.length > MAX_METRICS_PER_READING)
    return [
      'too-many-values',
      `${names.length} values; send at most ${MAX_METRICS_PER_READING} in a reading`,
    ];
  for (const name of names) {
    const shown = JSON.stringify(name.slice(0, 64));
    if (!METRIC_NAME.test(name))
      return ['bad-metric-name', `${shown}: a metric is a letter, then up to 63 of A-Z a-z 0-9 _`];
    if (!Number.isFinite(values[name])) return ['not-finite', `${shown} is not a finite number`];
  }
  return null;
};

const readingOf = (member: unknown, message: Message): Reading | Refusal => {
  if (!isObject(member)) return ['not-a-reading', 'a reading is an object {"ts":…,"values":{…}}'];
  const head = headOf(member, message.receivedAtMs);
  if (isRefusal(head)) return head;
  const aheadMs = head.tsMs - message.receivedAtMs;
  if (aheadMs > MAX_FUTURE_MS)
    return [
      'future',
      `ts is ${Math.round(aheadMs / 1000)} s ahead of the receive time; set the device's clock`,
    ];
  const values = field(member, 'values');
  const refusal = checkValues(values);
  if (refusal) return refusal;
  return {
    equipment: message.equipment,
    unit: head.unit,
    tsMs: head.tsMs,
    tsSource: head.tsSource,
    seq: head.seq,
    receivedAtMs: message.receivedAtMs,
    values: values as Readonly<Record<string, number>>,
  };
};

/** A telemetry message: one reading, or an array of which each bad member is rejected alone. */
export const decodeTelemetry = (
  message: Message,
): { readonly readings: readonly Reading[]; readonly rejected: readonly Rejected[] } => {
  const parsed = parse(message);
  if (!('value' in parsed)) return { readings: [], rejected: [parsed] };
  const { value } = parsed;
  if (!Array.isArray(value)) {
    const reading = readingOf(value, message);
    return isRefusal(reading)
      ? { readings: [], rejected: [whole(message, reading)] }
      : { readings: [reading], rejected: [] };
  }
  const none = (refusal: Refusal) => ({ readings: [], rejected: [whole(message, refusal)] });
  if (value.length === 0) return none(['empty-array', 'the array is empty; send at least one reading']);
  if (value.length > MAX_READINGS_PER_MESSAGE)
    return none([
      'too-many-readings',
      `${value.length} readings; send at most ${MAX_READINGS_PER_MESSAGE} in a message`,
    ]);
  const readings: Reading[] = [];
  const rejected: Rejected[] = [];
  value.forEach((member: unknown, index) => {
    const reading = readingOf(member, message);
    if (!isRefusal(reading)) readings.push(reading);
    else rejected.push({ index, reason: reading[0], detail: reading[1], payload: memberText(member) });
  });
  return { readings, rejected };
};

/** Deeply nested members cannot be written back without recursion, so their text is left out. */
const memberText = (member: unknown): string => {
  try {
    return (JSON.stringify(member) ?? '').slice(0, EXCERPT_CHARS);
  } catch {
    return '';
  }
};

/**
 * A fault message. One whose clock is far ahead, or tells no date at all (time since it was switched on,
 * say), is dated by its receive time instead of being rejected: a lock-out with a wrong clock is still a
 * lock-out. `active` left out means that it is.
 */
export const decodeFault = (message: Message): FaultReport | Rejected => {
  const parsed = parse(message);
  if (!('value' in parsed)) return parsed;
  const { value } = parsed;
  if (!isObject(value))
    return whole(message, ['not-a-fault', 'a fault is an object {"code":"G10","active":true}']);
  const dated = isInstant(field(value, 'ts')) ? value : { ...value, ts: null };
  const head = headOf(dated, message.receivedAtMs);
  if (isRefusal(head)) return whole(message, head);
  const code = field(value, 'code');
  if (typeof code !== 'string' || !FAULT_CODE.test(code))
    return whole(message, ['bad-code', 'code must be 1 to 64 of A-Z a-z 0-9 _ . -']);
  const active = field(value, 'active') ?? true;
  if (typeof active !== 'boolean') return whole(message, ['bad-active', 'active must be true or false']);
  const detail = field(value, 'detail');
  const isAhead = head.tsMs - message.receivedAtMs > MAX_FUTURE_MS;
  return {
    equipment: message.equipment,
    unit: head.unit,
    tsMs: isAhead ? message.receivedAtMs : head.tsMs,
    tsSource: isAhead ? 'receive' : head.tsSource,
    seq: head.seq,
    receivedAtMs: message.receivedAtMs,
    code,
    active,
    detail: typeof detail === 'string' ? detail.slice(0, MAX_TEXT) : '',
  };
};

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, 128) : null;

export const decodeStatus = (message: Message): StatusReport | Rejected => {
  const parsed = parse(message);
  if (!('value' in parsed)) return parsed;
  const { value } = parsed;
  const online = isObject(value) ? field(value, 'online') : undefined;
  if (!isObject(value) || typeof online !== 'boolean')
    return whole(message, [
      'not-a-status',
      'a status is an object {"online":true} with online true or false',
    ]);
  return {
    equipment: message.equipment,
    receivedAtMs: message.receivedAtMs,
    connectionId: message.connectionId,
    online,
    model: textOf(field(value, 'model')),
    firmware: textOf(field(value, 'firmware')),
  };
};

export const isRejected = (value: object): value is Rejected => 'reason' in value;
