import { describe, expect, it } from 'vitest';
import { readings, valuesOf } from '../garage/testing/hear.ts';
import type { Emission } from '../machine.ts';
import { createTrial, type TrialOptions } from '../trial.ts';

const FROM_MS = Date.UTC(2026, 3, 1, 16);
const DAY_MS = 86_400_000;
const ONSET_MS = FROM_MS + 5 * DAY_MS;

const lives = (mechanism: string, more: Partial<TrialOptions> = {}) => {
  const options = {
    model: 'PSH-7',
    tier: 3,
    seed: 4,
    fromMs: FROM_MS,
    onsetMs: ONSET_MS,
    lifeDays: 4,
  } as const;
  const all = (of: string | null) => {
    const trial = createTrial({ ...options, unit: 'bay2', metric: 'vibrationMmS', ...more, mechanism: of });
    const said: Emission[] = [...trial.until(FROM_MS + 14 * DAY_MS)].flat();
    return { trial, said };
  };
  return { honest: all(null).said, ...all(mechanism) };
};

const pairs = (honest: readonly Emission[], said: readonly Emission[], metric = 'vibrationMmS') => {
  const truth = readings(honest, 'bay2').flatMap(({ tsMs, values }) =>
    values[metric] === undefined ? [] : [{ tsMs, value: values[metric] }],
  );
  const told = valuesOf(said, 'bay2', metric);
  expect(told.length).toBe(truth.length);
  return truth.map(({ tsMs, value }, index) => ({ tsMs, value, told: told[index] ?? Number.NaN }));
};

describe('a sensor that lies', () => {
  it('tells the truth until it begins, and the other metrics stay true', () => {
    const { honest, said } = lives('bias');
    for (const { tsMs, value, told } of pairs(honest, said)) if (tsMs < ONSET_MS) expect(told).toBe(value);
    expect(valuesOf(said, 'bay2', 'hoistCurrentA')).toEqual(valuesOf(honest, 'bay2', 'hoistCurrentA'));
  });

  it('is stuck at one value', () => {
    const { honest, said, trial } = lives('stuck');
    const after = pairs(honest, said).filter(({ tsMs }) => tsMs >= ONSET_MS);
    expect(new Set(after.map(({ told }) => told)).size).toBe(1);
    expect(new Set(after.map(({ value }) => value)).size).toBeGreaterThan(10);
    expect(trial.truth()).toMatchObject({
      mechanism: 'stuck',
      component: 'sensors',
      metric: 'vibrationMmS',
      code: '',
      failureMs: null,
    });
  });

  it('walks off by a third of its value', () => {
    const after = (({ honest, said }) => pairs(honest, said))(lives('bias')).filter(
      ({ tsMs }) => tsMs >= ONSET_MS,
    );
    const off = after.map(({ value, told }) => Math.abs(told / value - 1));
    expect(Math.max(...off.slice(0, 3))).toBeLessThan(0.2);
    expect(Math.min(...off.slice(-10))).toBeGreaterThan(0.15);
  });

  it('gets noisier around the truth', () => {
    const { honest, said } = lives('noise');
    const after = pairs(honest, said).filter(({ tsMs }) => tsMs >= ONSET_MS);
    const off = after.map(({ value, told }) => told / value - 1);
    const spread = (part: readonly number[]): number => Math.hypot(...part) / Math.sqrt(part.length);
    expect(spread(off.slice(0, 10))).toBeLessThan(0.1);
    expect(spread(off.slice(-40))).toBeGreaterThan(0.15);
    expect(Math.abs(off.slice(-40).reduce((sum, one) => sum + one, 0) / 40)).toBeLessThan(0.12);
  });

  it('spikes now and then', () => {
    const after = (({ honest, said }) => pairs(honest, said))(lives('spikes', { seed: 1 })).filter(
      ({ tsMs }) => tsMs >= ONSET_MS,
    );
    const wild = after.filter(({ value, told }) => told > 2 * value);
    expect(wild.length).toBeGreaterThan(1);
    expect(wild.length).toBeLessThan(0.2 * after.length);
    expect(after.filter(({ value, told }) => told === value).length).toBe(after.length - wild.length);
  });

  it('has another scale from one reading to the next', () => {
    const after = (({ honest, said }) => pairs(honest, said))(lives('scale')).filter(
      ({ tsMs }) => tsMs >= ONSET_MS,
    );
    const ratio = (after[0]?.told ?? 0) / (after[0]?.value ?? 1);
    expect(Math.abs(ratio - 1)).toBeGreaterThan(0.15);
    for (const { value, told } of after) expect(told / value).toBeCloseTo(ratio, 2);
  });

  it('chooses what it lies about where nobody says, and truth knows it', () => {
    const trial = createTrial({
      model: 'washer-8',
      tier: 3,
      seed: 4,
      fromMs: FROM_MS,
      onsetMs: ONSET_MS,
      lifeDays: 4,
      mechanism: 'stuck',
    });
    for (const _ of trial.until(FROM_MS + 8 * DAY_MS));
    expect(trial.truth()?.metric).toMatch(/^[a-z]\w+$/);
  });

  it('is found by whoever comes for it', () => {
    const { trial, said, honest } = lives('stuck');
    const nowMs = FROM_MS + 14 * DAY_MS;
    trial.machine.repair('bay2', 'hoist', nowMs, nowMs);
    expect(trial.truth()?.repairedMs).toBe(nowMs);
    expect(said.length).toBe(honest.length);
  });
});

describe('a clock that jumps', () => {
  it('moves every time of the machine by the same amount', () => {
    const { honest, said, trial } = lives('clockJump', { unit: '' });
    const jumps = new Set(
      said
        .map((one, index) => one.tsMs - (honest[index]?.tsMs ?? 0))
        .filter((_, index) => (honest[index]?.tsMs ?? 0) >= ONSET_MS),
    );
    expect(jumps.size).toBe(1);
    expect(Math.abs([...jumps][0] ?? 0)).toBeGreaterThan(19 * 60_000);
    expect(trial.truth()).toMatchObject({ component: 'controller', metric: '' });
  });
});

it('cannot lie with sensors that it has not', () => {
  const { machine } = createTrial({
    model: 'PSH-7',
    tier: 1,
    seed: 4,
    fromMs: FROM_MS,
    onsetMs: ONSET_MS,
    lifeDays: 4,
    mechanism: null,
  });
  const order = { unit: 'bay1', mechanism: 'stuck', lifeCycles: 10 };
  expect(() => machine.begin(order, FROM_MS)).toThrow('no sensors in tier 1');
  expect(() => machine.begin({ ...order, unit: 'bay77' }, FROM_MS)).toThrow('no unit "bay77"');
});
