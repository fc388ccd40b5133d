/**
 * Bytes of variable width: small numbers take one byte. A `Sink` grows as it is written; a `Source` is
 * read from front to back and throws a RangeError at its end.
 */
export interface Sink {
  bytes: Buffer;
  at: number;
}

export interface Source {
  readonly bytes: Buffer;
  at: number;
}

/** The largest size of a number that `putSigned` keeps exactly. */
export const MAX_SIGNED = 2 ** 52;

/** Never from Node's shared pool, so that a buffer may move to another thread. */
export const newSink = (capacity: number): Sink => ({ bytes: Buffer.allocUnsafeSlow(capacity), at: 0 });

export const newSource = (bytes: Uint8Array, at = 0): Source => ({
  bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  at,
});

/** What was written, in a buffer of its own and of exactly its size. */
export const written = (sink: Sink): Uint8Array<ArrayBuffer> =>
  new Uint8Array(sink.bytes.buffer as ArrayBuffer, sink.bytes.byteOffset, sink.at).slice();

export const room = (sink: Sink, bytes: number): void => {
  const needed = sink.at + bytes;
  if (needed <= sink.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, sink.bytes.length * 2));
  sink.bytes.copy(larger, 0, 0, sink.at);
  sink.bytes = larger;
};

export const putByte = (sink: Sink, value: number): void => {
  room(sink, 1);
  sink.bytes[sink.at++] = value;
};

/** A whole number from 0 to 2^53. */
export const putVarint = (sink: Sink, value: number): void => {
  room(sink, 8);
  let rest = value;
  // Bit operators work on 32 bits only.
  while (rest > 0x7fff_ffff) {
    sink.bytes[sink.at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    sink.bytes[sink.at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  sink.bytes[sink.at++] = rest;
};

/** A whole number of either sign, at most 2^52 in size; the sign moves to the lowest bit. */
export const putSigned = (sink: Sink, value: number): void =>
  putVarint(sink, value < 0 ? -2 * value - 1 : 2 * value);

export const putFloat = (sink: Sink, value: number): void => {
  room(sink, 8);
  sink.bytes.writeDoubleLE(value, sink.at);
  sink.at += 8;
};

export const putBytes = (sink: Sink, bytes: Uint8Array): void => {
  putVarint(sink, bytes.byteLength);
  room(sink, bytes.byteLength);
  sink.bytes.set(bytes, sink.at);
  sink.at += bytes.byteLength;
};

export const putText = (sink: Sink, text: string): void => {
  const length = Buffer.byteLength(text);
  putVarint(sink, length);
  room(sink, length);
  sink.at += sink.bytes.write(text, sink.at, length, 'utf8');
};

const ended = (): never => {
  throw new RangeError('the bytes end too early');
};

export const takeByte = (source: Source): number => source.bytes[source.at++] ?? ended();

export const takeVarint = (source: Source): number => {
  let byte = takeByte(source);
  if (byte < 128) return byte;
  let value = byte - 128;
  let scale = 128;
  for (;;) {
    byte = takeByte(source);
    if (byte < 128) return value + byte * scale;
    value += (byte - 128) * scale;
    scale *= 128;
  }
};

export const takeSigned = (source: Source): number => {
  const coded = takeVarint(source);
  return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
};

export const takeFloat = (source: Source): number => {
  const value = source.bytes.readDoubleLE(source.at);
  source.at += 8;
  return value;
};

const advance = (source: Source, length: number): number => {
  const from = source.at;
  if (from + length > source.bytes.length) ended();
  source.at = from + length;
  return from;
};

/** A view onto the source, not a copy. */
export const takeBytes = (source: Source): Uint8Array => {
  const length = takeVarint(source);
  const from = advance(source, length);
  return new Uint8Array(source.bytes.buffer, source.bytes.byteOffset + from, length);
};

export const takeText = (source: Source): string => {
  const length = takeVarint(source);
  const from = advance(source, length);
  return source.bytes.toString('utf8', from, from + length);
};

/** Passes over `length` bytes. */
export const skip = (source: Source, length: number): void => {
  advance(source, length);
};
