import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { hazardOf, newLifeYears, yearsToOnset } from './hazard.ts';

const mean = (draw: () => number): number => {
  let sum = 0;
  for (let i = 0; i < 20_000; i++) sum += draw();
  return sum / 20_000;
};

describe('hazard', () => {
  const wearing = { shape: 3, years: 10 };

  it('leaves an old part less time than a new one, where age matters', () => {
    const random = stream(1, 'hazard');
    // The mean of a Weibull life of shape 3 is scale × Γ(4/3).
    expect(mean(() => newLifeYears(wearing, random))).toBeCloseTo(8.93, 0);
    expect(mean(() => yearsToOnset(wearing, 0, random))).toBeCloseTo(8.93, 0);
    const old = mean(() => yearsToOnset(wearing, 12, random));
    expect(old).toBeGreaterThan(0);
    expect(old).toBeLessThan(3);
  });

  it('forgets age where the shape is 1', () => {
    const random = stream(2, 'hazard');
    const byChance = { shape: 1, years: 10 };
    expect(mean(() => yearsToOnset(byChance, 0, random))).toBeCloseTo(10, 0);
    expect(mean(() => yearsToOnset(byChance, 30, random))).toBeCloseTo(10, 0);
  });

  it('knows every wear of an appliance by its own figures, and garages by one', () => {
    expect(hazardOf('kettle-17', 'limescale')).toMatchObject({ years: 1.5 });
    expect(hazardOf('fridge-300i', 'gasket').years).toBeGreaterThan(hazardOf('kettle-17', 'limescale').years);
    expect(hazardOf('PSH-7', 'chain')).toEqual(hazardOf('PCS-12', 'rope'));
  });
});
