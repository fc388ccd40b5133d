import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newDueTimes, noteDue, takeDue } from './due.ts';

test('everybody is found at the first tick at or after the time noted, whatever was noted in between', () => {
  const note = fc.tuple(fc.nat(8), fc.nat(50_000));
  fc.assert(
    fc.property(fc.array(fc.tuple(note, fc.nat(3_000))), (course) => {
      const due = newDueTimes();
      const truth = new Map<string, number>();
      let nowMs = 0;
      for (const [[who, afterMs], passedMs] of course) {
        const id = `m${who}`;
        const atMs = nowMs + afterMs;
        // As the engine does: a time that moves on is not noted, an earlier one is.
        truth.set(id, Math.min(truth.get(id) ?? Number.POSITIVE_INFINITY, atMs));
        noteDue(due, id, atMs);
        nowMs += passedMs;
        const found = new Set(takeDue(due, nowMs));
        for (const [other, ms] of truth) {
          if (ms <= nowMs) expect(found.has(other)).toBe(true);
          if (!found.has(other)) continue;
          if (ms <= nowMs) truth.delete(other);
          else noteDue(due, other, ms);
        }
        expect(due.atS.size).toBe(truth.size);
      }
    }),
  );
});

test('a tick looks at what is due, not at what is watched', () => {
  const due = newDueTimes();
  for (let i = 0; i < 50_000; i++) noteDue(due, `m${i}`, 300_000 + i);
  expect(takeDue(due, 299_000)).toEqual([]);
  expect(takeDue(due, 300_000)).toHaveLength(1_000);
  expect(due.atS.size).toBe(49_000);
  noteDue(due, 'm0', Number.POSITIVE_INFINITY);
  expect(due.atS.has('m0')).toBe(false);
});
