import {
  newSink,
  putByte,
  putFloat,
  putSigned,
  room,
  type Sink,
  type Source,
  takeByte,
  takeFloat,
  takeSigned,
} from './varint.ts';

/**
 * Columns of numbers as few bytes, bit for bit as they came. NaN stands for "absent": a reading's values
 * are finite. Every column starts with a byte that says whether some are absent (then a bitmap follows)
 * and a byte for its coding.
 */
const ALL = 0;
const SOME = 1;
const NONE = 2;

/** Larger whole numbers could lose bits when differences of differences are taken. */
export const MAX_WHOLE = 2 ** 50;
const MAX_DECIMALS = 6;
const POWERS = Array.from({ length: MAX_DECIMALS + 1 }, (_, i) => 10 ** i);

// ---- which are there ----------------------------------------------------------------------------

const presentIn = (column: Float64Array): number => {
  let count = 0;
  for (let i = 0; i < column.length; i++) if (!Number.isNaN(column[i]!)) count++;
  return count;
};

/** The values that are there: the column itself where all are. */
const putPresence = (sink: Sink, column: Float64Array): Float64Array => {
  const count = presentIn(column);
  if (count === column.length || count === 0) {
    putByte(sink, count === 0 ? NONE : ALL);
    return count === 0 ? new Float64Array(0) : column;
  }
  putByte(sink, SOME);
  putBits(sink, column.length, (i) => !Number.isNaN(column[i]!));
  return column.filter((value) => !Number.isNaN(value));
};

const putBits = (sink: Sink, count: number, bit: (i: number) => boolean): void => {
  for (let start = 0; start < count; start += 8) {
    let byte = 0;
    for (let i = start; i < start + 8 && i < count; i++) if (bit(i)) byte |= 1 << (i - start);
    putByte(sink, byte);
  }
};

const takeBits = (source: Source, count: number): Uint8Array => {
  const bits = new Uint8Array(count);
  for (let start = 0; start < count; start += 8) {
    const byte = takeByte(source);
    for (let i = start; i < start + 8 && i < count; i++) bits[i] = (byte >> (i - start)) & 1;
  }
  return bits;
};

/** Yes or no for every row: one byte where all are alike. */
export const putFlags = (sink: Sink, count: number, flag: (i: number) => boolean): void => {
  let yes = 0;
  for (let i = 0; i < count; i++) if (flag(i)) yes++;
  putByte(sink, yes === 0 ? NONE : yes === count ? ALL : SOME);
  if (yes > 0 && yes < count) putBits(sink, count, flag);
};

export const takeFlags = (source: Source, count: number): Uint8Array => {
  const which = takeByte(source);
  return which === SOME ? takeBits(source, count) : new Uint8Array(count).fill(which === ALL ? 1 : 0);
};

const takePresent = (
  source: Source,
  count: number,
  decode: (source: Source, out: Float64Array) => void,
): Float64Array => {
  const presence = takeByte(source);
  const column = new Float64Array(count);
  if (presence === NONE) return column.fill(Number.NaN);
  if (presence === ALL) {
    decode(source, column);
    return column;
  }
  const bits = takeBits(source, count);
  const present = new Float64Array(bits.reduce((sum, bit) => sum + bit, 0));
  decode(source, present);
  let next = 0;
  for (let i = 0; i < count; i++) column[i] = bits[i] ? present[next++]! : Number.NaN;
  return column;
};

// ---- whole numbers: time, sequence --------------------------------------------------------------

const EVEN = 0;
const CURVED = 1;
const RAW = 2;

const putRaw = (sink: Sink, values: Float64Array): void => {
  for (const value of values) putFloat(sink, value);
};

const takeRaw = (source: Source, out: Float64Array): void => {
  for (let i = 0; i < out.length; i++) out[i] = takeFloat(source);
};

const isEven = (values: Float64Array, step: number): boolean => {
  for (let i = 1; i < values.length; i++) if (values[i]! - values[i - 1]! !== step) return false;
  return true;
};

/**
 * Times and sequence numbers grow by nearly the same step, so the change of the step is stored:
 * nothing at all where the step never changes.
 */
export const putWholeColumn = (sink: Sink, column: Float64Array): void => {
  const values = putPresence(sink, column);
  if (values.length === 0) return;
  const plain = values.every((v) => Number.isInteger(v) && Math.abs(v) <= MAX_WHOLE && !Object.is(v, -0));
  if (!plain) {
    putByte(sink, RAW);
    putRaw(sink, values);
    return;
  }
  const first = values[0]!;
  const firstStep = values.length > 1 ? values[1]! - first : 0;
  const even = isEven(values, firstStep);
  putByte(sink, even ? EVEN : CURVED);
  putSigned(sink, first);
  putSigned(sink, firstStep);
  if (even) return;
  for (let i = 2, step = firstStep; i < values.length; i++) {
    const next = values[i]! - values[i - 1]!;
    putSigned(sink, next - step);
    step = next;
  }
};

const takeWhole = (source: Source, out: Float64Array): void => {
  const coding = takeByte(source);
  if (coding === RAW) {
    takeRaw(source, out);
    return;
  }
  let value = takeSigned(source);
  let step = takeSigned(source);
  out[0] = value;
  for (let i = 1; i < out.length; i++) {
    if (coding === CURVED && i > 1) step += takeSigned(source);
    value += step;
    out[i] = value;
  }
};

export const takeWholeColumn = (source: Source, count: number): Float64Array =>
  takePresent(source, count, takeWhole);

// ---- measured values ----------------------------------------------------------------------------

const CONSTANT = 3;
const XOR = 4;
/** Codings from here on are decimals: the number of places is `coding - DECIMAL`. */
const DECIMAL = 16;

const scaled = (value: number, places: number): number | null => {
  const power = POWERS[places]!;
  const whole = Math.round(value * power);
  if (Math.abs(whole) > MAX_WHOLE || whole / power !== value) return null;
  // The sign of -0 does not survive as a whole number.
  return Object.is(value, -0) ? null : whole;
};

/** The fewest decimal places that keep every value exactly; null where six are not enough. */
const decimalPlaces = (values: Float64Array): number | null => {
  let places = 0;
  for (const value of values) {
    while (scaled(value, places) === null) if (++places > MAX_DECIMALS) return null;
  }
  // More places can carry an earlier value past the limit.
  return values.every((value) => scaled(value, places) !== null) ? places : null;
};

const scratch = Buffer.alloc(8);
const before = Buffer.alloc(8);

/** Neighbours share their leading and often their trailing bytes: store only those between that differ. */
const putXor = (sink: Sink, values: Float64Array): void => {
  before.fill(0);
  for (const value of values) {
    scratch.writeDoubleLE(value);
    let low = 0;
    let high = 8;
    while (low < 8 && scratch[low] === before[low]) low++;
    while (high > low && scratch[high - 1] === before[high - 1]) high--;
    room(sink, 9);
    sink.bytes[sink.at++] = (low << 4) | (high - low);
    for (let i = low; i < high; i++) sink.bytes[sink.at++] = scratch[i]! ^ before[i]!;
    scratch.copy(before);
  }
};

const takeXor = (source: Source, out: Float64Array): void => {
  before.fill(0);
  for (let i = 0; i < out.length; i++) {
    const header = takeByte(source);
    const low = header >> 4;
    const high = low + (header & 15);
    for (let at = low; at < high; at++) before[at]! ^= takeByte(source);
    out[i] = before.readDoubleLE(0);
  }
};

const putFloats = (sink: Sink, values: Float64Array): void => {
  const coded = newSink(values.length * 8 + 16);
  putXor(coded, values);
  if (coded.at >= values.length * 8) {
    putByte(sink, RAW);
    putRaw(sink, values);
    return;
  }
  putByte(sink, XOR);
  room(sink, coded.at);
  coded.bytes.copy(sink.bytes, sink.at, 0, coded.at);
  sink.at += coded.at;
};

/** Sensors send few decimals: then the whole numbers behind them, as differences; else the bits. */
export const putValueColumn = (sink: Sink, column: Float64Array): void => {
  const values = putPresence(sink, column);
  if (values.length === 0) return;
  const first = values[0]!;
  if (values.every((value) => Object.is(value, first))) {
    putByte(sink, CONSTANT);
    putFloat(sink, first);
    return;
  }
  const places = decimalPlaces(values);
  if (places === null) {
    putFloats(sink, values);
    return;
  }
  putByte(sink, DECIMAL + places);
  let last = 0;
  for (const value of values) {
    const whole = scaled(value, places)!;
    putSigned(sink, whole - last);
    last = whole;
  }
};

const takeValues = (source: Source, out: Float64Array): void => {
  const coding = takeByte(source);
  if (coding === CONSTANT) out.fill(takeFloat(source));
  else if (coding === XOR) takeXor(source, out);
  else if (coding === RAW) takeRaw(source, out);
  else {
    const power = POWERS[coding - DECIMAL];
    if (power === undefined) throw new RangeError(`a column of unknown coding ${coding}`);
    let whole = 0;
    for (let i = 0; i < out.length; i++) {
      whole += takeSigned(source);
      out[i] = whole / power;
    }
  }
};

export const takeValueColumn = (source: Source, count: number): Float64Array =>
  takePresent(source, count, takeValues);
