import { describe, expect, it } from 'vitest';
import { createTrial, machineClasses } from '../trial.ts';
import { DETAIL, EVENTS, STOPS } from './codes.ts';
import { DEFECTS } from './defects.ts';
import { GARAGES } from './kinds.ts';
import { FAULTS, faults, live } from './testing/hear.ts';

const FROM_MS = Date.UTC(2026, 2, 1, 16);
const DAY_MS = 86_400_000;
const FAST = { kind: 'fast', pauseMs: [800, 1000] } as const;
const GARAGE_CODES = [...FAULTS.keys()].filter((code) => code.startsWith('G'));
const GARAGE_CLASSES = machineClasses().filter(({ id }) => Object.hasOwn(GARAGES, id));

/** Every code that this class can be brought to say, by letting it wear with several seeds, and by what happens. */
const reached = (id: string): Set<string> => {
  const codes = new Set<string>();
  const { model, wears } = GARAGE_CLASSES.find((one) => one.id === id)!;
  for (const { mechanism, codes: possible } of wears) {
    const missing = (): boolean => possible.some((code) => !codes.has(code));
    for (let seed = 1; seed <= 25 && missing(); seed++) {
      const onsetMs = FROM_MS + 3_600_000;
      const options = {
        model,
        seed,
        tier: 1,
        fromMs: FROM_MS,
        mechanism,
        onsetMs,
        lifeDays: 1.5,
        tempo: FAST,
      } as const;
      const trial = createTrial(options);
      for (const said of trial.until(FROM_MS + 3 * DAY_MS)) {
        for (const { code, active } of faults(said)) if (active) codes.add(code);
        if (trial.truth()?.failureMs != null) break;
      }
    }
  }
  const machine = createTrial({
    model,
    seed: 1,
    tier: 1,
    fromMs: FROM_MS,
    mechanism: null,
    onsetMs: FROM_MS,
    lifeDays: 1,
  }).machine;
  for (const { code } of [...STOPS, ...EVENTS])
    for (const one of faults(machine.happen?.(code, '', FROM_MS) ?? [])) codes.add(one.code);
  return codes;
};

describe.each(Object.entries(GARAGES))('%s', (id, kind) => {
  it('reaches every fault code of the catalogue but those that it documents to lack', () => {
    const codes = reached(id);
    expect(GARAGE_CODES.filter((code) => !codes.has(code)).sort()).toEqual(Object.keys(kind.lacks).sort());
  });
});

describe('codes', () => {
  it('of wears belong to the item whose repair ends them', () => {
    for (const [name, { component, codes, precursor }] of Object.entries(DEFECTS)) {
      for (const code of codes) expect(FAULTS.get(code)?.item, `${name} ${code}`).toBe(component);
      expect(FAULTS.get(precursor), precursor).toMatchObject({ item: component, response: 'attendant' });
    }
  });

  it('all say something on the display', () => {
    for (const code of [...GARAGE_CODES, ...Object.values(DEFECTS).map(({ precursor }) => precursor)])
      expect(DETAIL[code], code).toBeTruthy();
  });

  it('that only events bring can be asked for, and are cleared', () => {
    const { machine } = createTrial({
      model: 'PXD-7',
      seed: 1,
      tier: 2,
      fromMs: FROM_MS,
      mechanism: null,
      onsetMs: FROM_MS,
      lifeDays: 1,
    });
    live(machine, FROM_MS + 12 * 3_600_000);
    const atMs = FROM_MS + 12 * 3_600_000;
    machine.happen?.('G36', '', atMs);
    const said = faults(live(machine, atMs + 3 * 3_600_000));
    expect(said.filter(({ code }) => code === 'G36')).toEqual([expect.objectContaining({ active: false })]);
    expect(machine.incidents.at(-1)).toMatchObject({ code: 'G36', atMs });
    expect(() => machine.happen?.('G36', 'bay1', atMs)).toThrow('no unit "bay1"');
  });
});
