/**
 * Where MQTT packets begin and end in a stream of bytes (MQTT 3.1.1 §2.2): one type byte, 1–4 bytes of
 * length, body. Counts only; copies and keeps nothing.
 *
 *   header ──length complete──▶ decide ──begin──▶ body ──last byte──▶ header
 *      └──a fifth length byte──▶ malformed
 */
export interface Frame {
  state: 'header' | 'decide' | 'body' | 'malformed';
  /** Type and flags. */
  first: number;
  /** Bytes of type and length read so far. */
  headerBytes: number;
  /** Body bytes still to come. */
  left: number;
}

export const CONNECT = 1;

export const createFrame = (): Frame => ({ state: 'header', first: 0, headerBytes: 0, left: 0 });

/** The packet's size in all, fixed header included; known from `decide` on. */
export const packetBytes = (frame: Frame): number => frame.headerBytes + frame.left;

export const packetType = (frame: Frame): number => frame.first >> 4;

/** True between the first and the last byte of a packet. */
export const isInside = (frame: Frame): boolean => frame.state !== 'header' || frame.headerBytes > 0;

/** Reads type and length from `chunk` at `at`; returns where it stopped. */
export const readHeader = (frame: Frame, chunk: Uint8Array, at: number): number => {
  let next = at;
  if (frame.headerBytes === 0 && next < chunk.length) {
    frame.first = chunk[next++] as number;
    frame.headerBytes = 1;
    frame.left = 0;
  }
  while (next < chunk.length) {
    const byte = chunk[next++] as number;
    frame.left += (byte & 0x7f) * 128 ** (frame.headerBytes - 1);
    frame.headerBytes++;
    if ((byte & 0x80) === 0) {
      frame.state = 'decide';
      return next;
    }
    if (frame.headerBytes === 5) {
      frame.state = 'malformed';
      return next;
    }
  }
  return next;
};

const finish = (frame: Frame): void => {
  frame.state = 'header';
  frame.headerBytes = 0;
};

/** The packet may pass: its body follows. */
export const begin = (frame: Frame): void => {
  frame.state = 'body';
  if (frame.left === 0) finish(frame);
};

/** Skips body bytes of `chunk` from `at`; returns where it stopped. */
export const skipBody = (frame: Frame, chunk: Uint8Array, at: number): number => {
  const step = Math.min(frame.left, chunk.length - at);
  frame.left -= step;
  if (frame.left === 0) finish(frame);
  return at + step;
};
