import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../log.ts';
import {
  decodeGroup,
  entryBytesAtMost,
  finishGroup,
  groupDamage,
  newGroup,
  putEntry,
  sealGroup,
} from './log.codec.ts';

const ms = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const entry: fc.Arbitrary<LogEntry> = fc.oneof(
  fc.record({ kind: fc.constant('tick' as const), receivedAtMs: ms }),
  fc.record({
    kind: fc.constant('control' as const),
    receivedAtMs: ms,
    control: fc.record({
      type: fc.constantFrom('connected' as const, 'disconnected' as const),
      connectionId: text,
      equipment: fc.array(text, { maxLength: 3 }),
    }),
  }),
  fc.record({
    kind: fc.constant('message' as const),
    receivedAtMs: ms,
    equipment: text,
    site: text,
    channel: fc.constantFrom('telemetry' as const, 'fault' as const, 'status' as const),
    connectionId: text,
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
);

const groupOf = (first: number, entries: readonly LogEntry[]): Uint8Array => {
  const group = newGroup(first, 32);
  for (const one of entries) putEntry(group, one);
  const bytes = finishGroup(group);
  sealGroup(bytes);
  return bytes;
};

describe('log group', () => {
  it('gives back every entry with its offset', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(entry, { maxLength: 30 }), (first, entries) => {
        const bytes = groupOf(first, entries);
        expect(groupDamage(bytes, first)).toBeNull();
        expect(decodeGroup(bytes)).toEqual(
          entries.map((one, i) => ({ ...one, partition: 0, offset: first + i })),
        );
      }),
    );
  });

  it('never takes more room than was said before', () => {
    fc.assert(
      fc.property(entry, (one) => {
        const group = newGroup(0);
        const before = group.sink.at;
        putEntry(group, one);
        expect(group.sink.at - before).toBeLessThanOrEqual(entryBytesAtMost(one));
      }),
    );
  });

  it('knows a changed byte, a wrong place, a newer version and a lost end', () => {
    const bytes = groupOf(5, [
      { kind: 'tick', receivedAtMs: 1 },
      { kind: 'tick', receivedAtMs: 2 },
    ]);
    for (let at = 1; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 64;
      expect(groupDamage(damaged, 5)).toBe('its checksum is wrong');
    }
    expect(groupDamage(bytes, 6)).toBe('it belongs to offset 5');
    expect(groupDamage(bytes.subarray(0, 9), 5)).toBe('it is cut short');
    bytes[0] = 2;
    expect(groupDamage(bytes, 5)).toBe('its version is 2, this release knows 1');
  });

  it('refuses a time that is no whole number', () => {
    expect(() => putEntry(newGroup(0), { kind: 'tick', receivedAtMs: 1.5 })).toThrow(/receivedAtMs/);
  });
});
