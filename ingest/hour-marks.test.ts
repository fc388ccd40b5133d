import { expect, test } from 'vitest';
import { reading } from '../store/telemetry.suite.ts';
import { newHourMarks } from './hour-marks.ts';

const HOUR_MS = 3_600_000;
const T0 = 1_767_225_600_000;
const at = (hour: number, more = 0) => reading('g1', T0 + hour * HOUR_MS + more, { a: 1 });

test('an hour under way is marked once, a past one each time something comes late', () => {
  let nowMs = T0 + 5 * HOUR_MS + 60_000;
  const marks = newHourMarks(() => nowMs);
  marks.note([at(5), at(5, 9), at(2)], 10);
  const taken = marks.take();
  expect(taken).toEqual([
    { equipment: 'g1', hourMs: T0 + 5 * HOUR_MS, logOffset: 10 },
    { equipment: 'g1', hourMs: T0 + 2 * HOUR_MS, logOffset: 10 },
  ]);
  // Not committed yet: a commit that fails must not lose it.
  marks.note([at(5, 10)], 11);
  expect(marks.take()).toHaveLength(1);
  marks.done(taken);
  marks.note([at(5, 20), at(2, 20)], 12);
  expect(marks.take()).toEqual([{ equipment: 'g1', hourMs: T0 + 2 * HOUR_MS, logOffset: 12 }]);
  // Over now: somebody may have made it up.
  nowMs += HOUR_MS;
  marks.note([at(5, 30)], 13);
  expect(marks.take()).toEqual([{ equipment: 'g1', hourMs: T0 + 5 * HOUR_MS, logOffset: 13 }]);
});
