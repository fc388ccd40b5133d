import { describe, expect, it } from 'vitest';
import { isLie } from './lie/lie.ts';
import { createTrial, machineClasses, TIERS } from './trial.ts';

const FROM_MS = Date.UTC(2026, 3, 1, 16);
const DAY_MS = 86_400_000;

describe('machineClasses', () => {
  it('lists every class with its wears and lies, each ready to be tried', () => {
    const classes = machineClasses();
    expect(classes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['PSH', 'PCS', 'PXD', 'PQS', 'fridge', 'kettle']),
    );
    expect(new Set(classes.map(({ id }) => id)).size).toBe(classes.length);
    for (const { model, wears, lies } of classes) {
      expect(wears.length).toBeGreaterThan(0);
      expect(lies.every(({ mechanism }) => isLie(mechanism))).toBe(true);
      for (const tier of TIERS) {
        for (const { mechanism, component, codes } of wears) {
          const onsetMs = FROM_MS + 3_600_000;
          const trial = createTrial({
            model,
            tier,
            seed: 7,
            fromMs: FROM_MS,
            mechanism,
            onsetMs,
            lifeDays: 9,
          });
          for (const _ of trial.until(onsetMs));
          expect(trial.truth(), `${model} ${mechanism}`).toMatchObject({ mechanism, component, onsetMs });
          expect(codes).toContain(trial.truth()?.code);
        }
      }
    }
  });
});

describe('a trial', () => {
  const options = {
    model: 'PXD-7',
    tier: 3,
    seed: 5,
    fromMs: FROM_MS,
    onsetMs: FROM_MS + DAY_MS,
    lifeDays: 3,
  } as const;
  const text = (mechanism: string | null): string =>
    JSON.stringify([...createTrial({ ...options, mechanism }).until(FROM_MS + 3 * DAY_MS)]);

  it('is the same for the same options', () => {
    expect(text('rope')).toBe(text('rope'));
    expect(text('rope')).not.toBe(text('brake'));
  });

  it('is the healthy machine until the onset', () => {
    const day = (mechanism: string | null) =>
      JSON.stringify([...createTrial({ ...options, mechanism }).until(FROM_MS + DAY_MS - 1)]);
    expect(day('rope')).toBe(day(null));
  });

  it('may stop at any time and go on', () => {
    const trial = createTrial({ ...options, mechanism: 'rope' });
    const parts = [1, 2, 3].flatMap((day) => [...trial.until(FROM_MS + day * DAY_MS)]);
    expect(JSON.stringify(parts)).toBe(text('rope'));
  });
});
