import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { countedBy } from './counter.ts';
import { DAY, MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const told = (machine: Player) =>
  machine.events
    .filter(({ rule }) => rule.startsWith('counter'))
    .map(({ type, reason, severity, component }) => `${type} ${reason} ${severity} ${component}`);
const total = (machine: Player) => countedBy(machine.state.units.get('bay1')?.get('cycleCount'));
const counts = (values: readonly number[]): Player => {
  const machine = player(catalogue);
  values.forEach((cycleCount, i) => {
    machine.read(T0 + i * MINUTE, { cycleCount });
  });
  return machine;
};

describe('a counter', () => {
  test('that begins anew is noted, and the total goes on', () => {
    const machine = counts([100, 101, 102, 103, 1, 2, 3, 4, 5]);
    expect(told(machine)).toEqual([
      'raised counter-reset watch controller',
      'cleared counting-again watch controller',
    ]);
    expect(total(machine)).toBe(3 + 5);
  });

  test('that was preset by a new controller adds only what it counts', () => {
    expect(total(counts([60_000, 60_001, 41_000, 41_001, 41_002, 41_003]))).toBe(1 + 3);
  });

  test('that is full begins at zero without a word', () => {
    const machine = counts([65_533, 65_535, 1, 2]);
    expect(told(machine)).toEqual([]);
    expect(total(machine)).toBe(2 + 2 + 1);
  });

  test('a wild value is not believed, a leap that stays is not counted', () => {
    const wild = counts([100, 101, 4_000_000, 102, 103]);
    expect(total(wild)).toBe(3);
    expect(told(wild)[0]).toBe('raised counter-leapt watch controller');
    const leapt = counts([100, 101, 90_000, 90_001, 90_002, 90_003]);
    expect(total(leapt)).toBe(1 + 3);
    expect(told(leapt)[0]).toBe('raised counter-leapt watch controller');
  });

  test('that leaps three times within a day is S3', () => {
    const machine = counts([1, 2, 9e6, 3, 4, 9e6, 5, 6, 9e6, 7, 8]);
    expect(told(machine)).toEqual([
      'raised counter-leapt watch controller',
      'cleared counting-again watch controller',
      'raised counter-leapt watch controller',
      'cleared counting-again watch controller',
      'raised counter-leapt S3 controller',
    ]);
  });

  test('whatever the restarts, the total is what was counted since, but for what was not seen at them', () => {
    const cycle = fc.record({ gain: fc.integer({ min: 0, max: 9 }), restarts: fc.boolean() });
    fc.assert(
      fc.property(fc.array(cycle, { minLength: 1, maxLength: 200 }), (course) => {
        const values = [500];
        let counted = 0;
        let sinceRestart = 9;
        for (const { gain, restarts } of course) {
          const before = values.at(-1) as number;
          // Two restarts within three readings can't be told from wild values.
          const isRestart = restarts && sinceRestart > 3 && before > 40;
          sinceRestart = isRestart ? 0 : sinceRestart + 1;
          counted += gain;
          values.push(isRestart ? gain : before + gain);
        }
        for (let i = 0; i < 4; i++) values.push(values.at(-1) as number);
        expect(total(counts(values))).toBe(counted);
      }),
    );
  });

  test('that stands still while its unit works is S3, and over when it counts', () => {
    const machine = player(catalogue);
    const random = uniform(2);
    let cycleCount = 0;
    for (let atMs = 0; atMs < 4 * DAY; atMs += 10 * MINUTE) {
      if (atMs < 2 * DAY || atMs > 3 * DAY) cycleCount += 1;
      machine.read(T0 + atMs, {
        hoistCurrentA: 9 + normal(random),
        cycleTimeS: 35 + normal(random),
        cycleCount,
      });
    }
    expect(told(machine)).toEqual([
      'raised counter-stands-still S3 controller',
      'cleared counting-again S3 controller',
    ]);
  });
});
