import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { MAX_CODES } from './fault-code.ts';
import { player, T0 } from './testing/play.ts';

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

test('codes per equipment are bounded, inactive ones are forgotten first', () => {
  const garage = player(catalogue);
  for (let i = 0; i < 2 * MAX_CODES; i++) {
    garage.fault(T0 + i, `X${i}`, true);
    if (i < MAX_CODES) garage.fault(T0 + i, `X${i}`, false);
  }
  expect(garage.state.faults.size).toBe(MAX_CODES);
  expect(garage.fault(T0 + 9_999, 'G06', true)).toEqual([]);
});
