import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { MAX_CODES } from './fault-code.ts';
import { headOf, restore } from './state.ts';
import { HOUR, MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();

test('a code is raised by the catalogue, once, and cleared by active:false', () => {
  const garage = player(catalogue);
  const [raised] = garage.fault(T0, 'G06', true);
  expect(raised).toMatchObject({
    type: 'raised',
    reason: 'fault-active',
    rule: 'fault:G06',
    severity: 'S1',
    component: 'hoist',
    unit: 'bay1',
    alert: 'a0-0-0',
    key: { partition: 0, offset: 0, index: 0 },
    evidence: { code: 'G06', metric: null, detail: 'words', sample: null },
  });
  expect(garage.fault(T0 + 1, 'G06', true)).toEqual([]);
  const [cleared] = garage.fault(T0 + 2, 'G06', false);
  expect(cleared).toMatchObject({ type: 'cleared', reason: 'fault-inactive', alert: 'a0-0-0' });
  expect(garage.fault(T0 + 3, 'G06', false)).toEqual([]);
  expect(garage.fault(T0 + 4, 'G06', true)).toMatchObject([{ type: 'raised', alert: 'a0-4-0' }]);
});

test('an unknown code is S3 of the controller; the name of a prototype member is only a code', () => {
  const garage = player(catalogue);
  expect(garage.fault(T0, 'X99', true)).toMatchObject([{ severity: 'S3', component: 'controller' }]);
  expect(garage.fault(T0, 'constructor', true)).toMatchObject([
    { severity: 'S3', rule: 'fault:constructor' },
  ]);
});

test('an older report that comes late changes nothing', () => {
  const garage = player(catalogue);
  garage.fault(T0 + 10, 'G06', true);
  garage.fault(T0 + 20, 'G06', false);
  expect(garage.fault(T0 + 10, 'G06', true)).toEqual([]);
});

test('a clock set back does not hide a lock-out of a device that counts', () => {
  const garage = player(catalogue);
  garage.fault(T0 + 10_000, 'G06', true, 7);
  garage.fault(T0 + 20_000, 'G06', false, 8);
  expect(garage.fault(T0 - 10_000, 'G06', true, 9)).toMatchObject([{ type: 'raised' }]);
});

/** A report with everything said; `lagMs`: how long it was on its way, or how far the clock is back. */
const report = (
  garage: Player,
  tsMs: number,
  more: {
    active?: boolean;
    seq?: number | null;
    lagMs?: number;
    tsSource?: 'device' | 'receive';
    code?: string;
  },
) => {
  const { active = true, seq = null, lagMs = 0, tsSource = 'device', code = 'G06' } = more;
  const receivedAtMs = tsMs + lagMs;
  const stamp = { equipment: 'E', unit: 'bay1', tsMs, tsSource, seq, receivedAtMs };
  return garage.tell({ kind: 'fault', report: { ...stamp, code, active, detail: '' } }, receivedAtMs);
};

test('a restart with the clock three hours back and counting anew hides neither a lock-out nor its end', () => {
  const garage = player(catalogue);
  garage.tell({ kind: 'connected', connectionId: 'c1' }, T0);
  report(garage, T0 + MINUTE, { seq: 700 });
  report(garage, T0 + 2 * MINUTE, { seq: 701, active: false });
  garage.tell({ kind: 'connected', connectionId: 'c2' }, T0 + 3 * MINUTE);
  const back = { lagMs: 3 * HOUR };
  expect(report(garage, T0 + 4 * MINUTE - 3 * HOUR, { ...back, seq: 1 })).toMatchObject([{ type: 'raised' }]);
  expect(report(garage, T0 + 9 * MINUTE - 3 * HOUR, { ...back, seq: 2, active: false })).toMatchObject([
    { type: 'cleared' },
  ]);
  // Set right again.
  expect(report(garage, T0 + 10 * MINUTE, { seq: 3 })).toMatchObject([{ type: 'raised' }]);
});

test('a backlog that comes after what happened since, and a message sent twice, change nothing', () => {
  const garage = player(catalogue);
  garage.tell({ kind: 'connected', connectionId: 'c2' }, T0 + 3 * HOUR);
  garage.read(T0 + 3 * HOUR, { speed: 1 });
  report(garage, T0 + 3 * HOUR + 1, { seq: 9 });
  expect(report(garage, T0, { seq: 5, active: false, lagMs: 3 * HOUR + 2 })).toEqual([]);
  report(garage, T0 + 4 * HOUR, { seq: 10, active: false });
  expect(report(garage, T0 + 3 * HOUR + 1, { seq: 9, lagMs: HOUR + 5 })).toEqual([]);
  expect(garage.events.map(({ type }) => type)).toEqual(['raised', 'cleared']);
});

test('without a device time, a repeat within ten minutes is known by its seq', () => {
  const garage = player(catalogue);
  const bare = (atMs: number, seq: number | null, active = true) =>
    report(garage, atMs, { seq, active, tsSource: 'receive' }).map(({ type }) => type);
  expect(bare(T0, 5)).toEqual(['raised']);
  expect(bare(T0 + MINUTE, 6, false)).toEqual(['cleared']);
  expect(bare(T0 + 2 * MINUTE, 5)).toEqual([]);
  expect(bare(T0 + 11 * MINUTE, 5)).toEqual(['raised']);
  expect(bare(T0 + 12 * MINUTE, null, false)).toEqual(['cleared']);
});

test('codes per equipment are bounded: inactive ones are forgotten first, then milder ones, never worse', () => {
  const garage = player(catalogue);
  for (let i = 0; i < 2 * MAX_CODES; i++) {
    garage.fault(T0 + i, `X${i}`, true);
    if (i < MAX_CODES) garage.fault(T0 + i, `X${i}`, false);
  }
  expect(garage.state.faults.size).toBe(MAX_CODES);
  expect(garage.fault(T0 + 9_998, 'Y1', true)).toEqual([]);
  expect(garage.state.refusedFaults).toBe(1);
  expect(garage.fault(T0 + 9_999, 'G06', true)).toMatchObject([
    { type: 'cleared', reason: 'gave-way-to-worse', rule: `fault:X${MAX_CODES}`, severity: 'S3' },
    { type: 'raised', rule: 'fault:G06', severity: 'S1' },
  ]);
  expect(garage.state).toMatchObject({ refusedFaults: 2, faults: { size: MAX_CODES } });
});

describe('a repair by power cycle, without a word that the code is off', () => {
  const repaired = () => {
    const garage = player(catalogue);
    garage.tell({ kind: 'connected', connectionId: 'c1' }, T0);
    garage.fault(T0 + 1, 'G06', true);
    garage.repaired(T0 + HOUR, 'hoist');
    return garage;
  };
  const ticks = (garage: Player, fromMs: number, minutes: number) => {
    for (let s = 1; s <= minutes * 60; s++)
      garage.tell({ kind: 'tick', afterGapSince: null }, fromMs + s * 1_000);
    const ofFaults = garage.events.filter(({ rule }) => rule.startsWith('fault:'));
    return ofFaults.slice(1).map(({ type, reason }) => `${type} ${reason}`);
  };

  test('the next one is new, and ends the old', () => {
    const garage = repaired();
    expect(garage.fault(T0 + 25 * HOUR, 'G06', true)).toMatchObject([
      { type: 'raised', reason: 'fault-active', alert: 'a0-3-0' },
      { type: 'cleared', reason: 'active-again-after-repair', alert: 'a0-1-0' },
    ]);
    expect(garage.fault(T0 + 26 * HOUR, 'G06', true)).toEqual([]);
    expect(garage.fault(T0 + 27 * HOUR, 'G06', false)).toMatchObject([{ alert: 'a0-3-0' }]);
  });

  test('one from before the repair that comes after it is not new; a repair heard late mends nothing since', () => {
    const garage = repaired();
    expect(report(garage, T0 + 30 * MINUTE, { lagMs: 2 * HOUR })).toEqual([]);
    garage.fault(T0 + 2 * HOUR, 'G06', true);
    expect(garage.events).toHaveLength(3);
    garage.repaired(T0 + HOUR, 'hoist');
    expect(ticks(garage, T0 + 3 * HOUR, 60)).toHaveLength(2);
  });

  test('half an hour online without it ends it; offline time shows nothing, another code of the item holds it', () => {
    const garage = repaired();
    expect(ticks(garage, T0 + HOUR, 29)).toEqual([]);
    garage.tell({ kind: 'disconnected', connectionId: 'c1' }, T0 + 2 * HOUR);
    expect(ticks(garage, T0 + 2 * HOUR, 60)).toEqual([]);
    garage.tell({ kind: 'connected', connectionId: 'c2' }, T0 + 3 * HOUR);
    garage.fault(T0 + 3 * HOUR, 'G10', true);
    expect(ticks(garage, T0 + 3 * HOUR, 60)).toEqual(['raised fault-active']);
    garage.fault(T0 + 4 * HOUR, 'G10', false);
    expect(ticks(garage, T0 + 4 * HOUR, 2).at(-1)).toBe('cleared quiet-after-repair');
    expect(garage.state.repairedFaults.size).toBe(0);
  });

  test('normal cycles of the item end it, and are not held up by it; a machine that lags behind too', () => {
    const lagMs = 3 * HOUR;
    const garage = player(catalogue);
    const random = uniform(1);
    const cycle = (i: number, factor = 1) =>
      garage.tell(
        {
          kind: 'reading',
          reading: {
            equipment: 'E',
            unit: 'bay1',
            tsMs: T0 + i * 10 * MINUTE,
            tsSource: 'device',
            seq: null,
            receivedAtMs: T0 + i * 10 * MINUTE + lagMs,
            values: { hoistCurrentA: 9 * factor * (1 + 0.02 * normal(random)) },
          },
        },
        T0 + i * 10 * MINUTE + lagMs,
      );
    for (let i = 0; i < 300; i++) cycle(i);
    report(garage, T0 + 3_000 * MINUTE, { lagMs });
    garage.repaired(T0 + 3_001 * MINUTE + lagMs, 'hoist');
    for (let i = 301; i < 319; i++) cycle(i);
    expect(garage.events).toHaveLength(1);
    for (let i = 319; i < 323; i++) cycle(i);
    expect(garage.events[1]).toMatchObject({ reason: 'recovered-after-repair', rule: 'fault:G06' });
  });

  test('is remembered by a checkpoint', () => {
    const garage = repaired();
    const saved = JSON.parse(JSON.stringify(headOf(garage.state)));
    const again = player(catalogue, restore(saved, []));
    expect(again.state).toEqual(garage.state);
    expect(again.fault(T0 + 25 * HOUR, 'G06', true)).toHaveLength(2);
  });
});
