import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, createFrame, isInside, packetBytes, packetType, readHeader, skipBody } from './frame.ts';
import { lengthBytes, packet } from './testing/raw.ts';

/** Sizes and types of the packets in a stream that comes in pieces. */
const sizes = (pieces: readonly Uint8Array[]): readonly (readonly [type: number, bytes: number])[] => {
  const frame = createFrame();
  const found: (readonly [number, number])[] = [];
  for (const piece of pieces) {
    let at = 0;
    while (at < piece.length) {
      if (frame.state === 'header') at = readHeader(frame, piece, at);
      if (frame.state === 'decide') {
        found.push([packetType(frame), packetBytes(frame)]);
        begin(frame);
      }
      if (frame.state === 'body') at = skipBody(frame, piece, at);
    }
  }
  expect(isInside(frame)).toBe(false);
  return found;
};

const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [
    0,
    ...[...new Set(cuts.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

describe('frame', () => {
  it('finds the same packets wherever the stream is cut', () => {
    const packets = fc.array(fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 20_000 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(packets, fc.array(fc.nat(), { maxLength: 20 }), (wanted, cuts) => {
        const bytes = wanted.map(([type, size]) => packet(type << 4, Buffer.alloc(size)));
        expect(sizes(cut(Buffer.concat(bytes), cuts))).toEqual(
          wanted.map(([type], index) => [type, bytes[index]?.length]),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('counts the largest length of the specification', () => {
    const frame = createFrame();
    readHeader(frame, Buffer.concat([Buffer.of(0x30), lengthBytes(268_435_455)]), 0);
    expect(frame.state).toBe('decide');
    expect(packetBytes(frame)).toBe(5 + 268_435_455);
  });

  it('calls a fifth length byte malformed', () => {
    const frame = createFrame();
    readHeader(frame, Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff), 0);
    expect(frame.state).toBe('malformed');
  });
});
