import { crc32 } from 'node:zlib';
import type { Channel, Control, LogEntry, LogRecord } from '../log.ts';
import {
  MAX_SIGNED,
  newSink,
  newSource,
  putByte,
  putBytes,
  putSigned,
  putText,
  putVarint,
  type Sink,
  type Source,
  takeByte,
  takeBytes,
  takeSigned,
  takeText,
  takeVarint,
  written,
} from './varint.ts';

/**
 * How a group of records lies in the log, version 1.
 *
 *     u8 version · u32 CRC-32 of all that follows · f64 first offset · u32 count · records
 *     record: u8 kind · signed receivedAtMs minus the one before · fields of the kind
 *     text:   varint 0, length, UTF-8 where it is new in this group, else its number (from 1)
 */
const VERSION = 1;
const HEADER_BYTES = 17;
const CHECKED_FROM = 5;
const PARTITION = 0;
const TICK = 0;
const CONTROL = 1;
const CHANNELS: readonly Channel[] = ['telemetry', 'fault', 'status'];
const MESSAGE = 2;

/** A group that is being filled. Its records have the offsets `first` … `first + count - 1`. */
export interface GroupWriter {
  readonly first: number;
  count: number;
  readonly sink: Sink;
  readonly texts: Map<string, number>;
  lastMs: number;
}

export const newGroup = (first: number, capacity = 4096): GroupWriter => {
  const sink = newSink(capacity);
  sink.at = HEADER_BYTES;
  return { first, count: 0, sink, texts: new Map(), lastMs: 0 };
};

/** At least as many bytes as `putEntry` will write for the entry. */
export const entryBytesAtMost = (entry: LogEntry): number => {
  if (entry.kind === 'tick') return 9;
  if (entry.kind === 'control') return 18 + 3 * JSON.stringify(entry.control).length;
  const texts = entry.equipment.length + entry.site.length + entry.connectionId.length;
  return 48 + 3 * texts + entry.payload.byteLength;
};

const putName = (group: GroupWriter, text: string): void => {
  const known = group.texts.get(text);
  putVarint(group.sink, known ?? 0);
  if (known !== undefined) return;
  group.texts.set(text, group.texts.size + 1);
  putText(group.sink, text);
};

/** Copies the entry into the group. @throws TypeError where `receivedAtMs` is no whole number of ms. */
export const putEntry = (group: GroupWriter, entry: LogEntry): void => {
  const { sink } = group;
  const ms = entry.receivedAtMs;
  if (!Number.isInteger(ms) || Math.abs(ms - group.lastMs) > MAX_SIGNED)
    throw new TypeError(`receivedAtMs must be whole Unix ms, got ${ms}`);
  const kind =
    entry.kind === 'tick'
      ? TICK
      : entry.kind === 'control'
        ? CONTROL
        : MESSAGE + CHANNELS.indexOf(entry.channel);
  putByte(sink, kind);
  putSigned(sink, ms - group.lastMs);
  group.lastMs = ms;
  group.count++;
  if (entry.kind === 'control') putText(sink, JSON.stringify(entry.control));
  if (entry.kind !== 'message') return;
  putName(group, entry.equipment);
  putName(group, entry.site);
  putName(group, entry.connectionId);
  putBytes(sink, entry.payload);
};

/** The finished group, still without its checksum. */
export const finishGroup = (group: GroupWriter): Uint8Array<ArrayBuffer> => {
  const { bytes } = group.sink;
  bytes[0] = VERSION;
  bytes.writeDoubleLE(group.first, 5);
  bytes.writeUInt32LE(group.count, 13);
  return written(group.sink);
};

const view = (group: Uint8Array): DataView => new DataView(group.buffer, group.byteOffset, group.byteLength);

/** Writes the checksum into the group. */
export const sealGroup = (group: Uint8Array): void =>
  view(group).setUint32(1, crc32(group.subarray(CHECKED_FROM)), true);

/** What is wrong with a stored group; null when it is whole and is the one of offset `first`. */
export const groupDamage = (group: Uint8Array, first: number): string | null => {
  if (group.byteLength < HEADER_BYTES) return 'it is cut short';
  if (group[0] !== VERSION) return `its version is ${group[0]}, this release knows ${VERSION}`;
  if (view(group).getUint32(1, true) !== crc32(group.subarray(CHECKED_FROM))) return 'its checksum is wrong';
  const own = view(group).getFloat64(5, true);
  return own === first ? null : `it belongs to offset ${own}`;
};

const takeName = (source: Source, texts: string[]): string => {
  const known = takeVarint(source);
  if (known > 0) return texts[known - 1]!;
  const text = takeText(source);
  texts.push(text);
  return text;
};

/** The group's records in order. A payload is a view onto `group`: leave its buffer where it is. */
export const decodeGroup = (group: Uint8Array): LogRecord[] => {
  const source = newSource(group, HEADER_BYTES);
  const first = view(group).getFloat64(5, true);
  const count = view(group).getUint32(13, true);
  const texts: string[] = [];
  const records: LogRecord[] = new Array(count);
  let receivedAtMs = 0;
  for (let i = 0; i < count; i++) {
    const kind = takeByte(source);
    receivedAtMs += takeSigned(source);
    const offset = first + i;
    if (kind === TICK) records[i] = { kind: 'tick', receivedAtMs, partition: PARTITION, offset };
    else if (kind === CONTROL) {
      const control = JSON.parse(takeText(source)) as Control;
      records[i] = { kind: 'control', receivedAtMs, control, partition: PARTITION, offset };
    } else {
      const channel = CHANNELS[kind - MESSAGE];
      if (!channel) throw new RangeError(`a record of unknown kind ${kind} at offset ${offset}`);
      records[i] = {
        kind: 'message',
        receivedAtMs,
        equipment: takeName(source, texts),
        site: takeName(source, texts),
        channel,
        connectionId: takeName(source, texts),
        payload: takeBytes(source),
        partition: PARTITION,
        offset,
      };
    }
  }
  return records;
};
