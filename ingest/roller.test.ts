import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ledger } from '../store/ledger.ts';
import { newMemoryLedger } from '../store/memory/ledger.ts';
import { newMemoryTelemetry } from '../store/memory/telemetry.ts';
import { reading } from '../store/telemetry.suite.ts';
import { TelemetryDownError, type TelemetryStore } from '../store/telemetry.ts';
import { type VirtualTime, virtualTime } from '../time/virtual.ts';
import { type Roller, type RollerOptions, startRoller } from './roller.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = 1_767_225_600_000;

let time: VirtualTime;
let ledger: Ledger;
let telemetry: TelemetryStore;
let problems: string[];
let dispose: () => Promise<void>;

beforeEach(async () => {
  time = virtualTime(NOW);
  const storage = newMemoryLedger();
  const series = newMemoryTelemetry();
  ledger = await storage.open({ clock: time.now });
  telemetry = series.open();
  problems = [];
  dispose = async () => {
    await ledger.close();
    await telemetry.close();
    storage.dispose();
    series.dispose();
  };
  await ledger.settings.set('hours:begun', '0');
});
afterEach(() => dispose());

const roller = (more: Partial<RollerOptions> = {}): Roller =>
  startRoller({
    telemetry,
    ledger,
    timers: time,
    rawMs: 400 * DAY_MS,
    onProblem: ({ what }) => problems.push(what),
    ...more,
  });
/** It lets others in between two weeks of work. */
const looked = async (one: Roller): Promise<void> => {
  const done = one.look();
  await time.advance(time.now() + 1_000);
  await done;
};
const hour = (n: number) => ({ equipment: 'g1', hourMs: NOW + n * HOUR_MS, logOffset: 1 });
const left = () => ledger.hours.due(NOW + 1_000 * DAY_MS, 100);
/** Ninety days by whole days: from hourly values, where there are any. */
const days = async (equipment = 'g1') =>
  telemetry.series({
    equipment,
    unit: '',
    metric: 'a',
    fromMs: NOW - 90 * DAY_MS,
    toMs: NOW + DAY_MS,
    points: 91,
  });

test('an hour is made up when it is over and its latecomers are in', async () => {
  await telemetry.write([reading('g1', NOW - 30 * 60_000, { a: 5 })]);
  await ledger.hours.mark([hour(-1)]);
  const one = roller();
  await looked(one);
  expect(one.stats().hours).toBe(0);
  await time.advance(NOW + 12 * 60_000);
  await one.close();
  expect(one.stats()).toEqual({ hours: 1, values: 1, failures: 0 });
  expect(await left()).toEqual([]);
  await telemetry.expire({ rawMs: NOW + DAY_MS, hourlyMs: 0 });
  expect((await days()).max.filter((value) => value !== null)).toEqual([5]);
});

test('while the store is away hours stay due, and nobody hears of it twice', async () => {
  await telemetry.write([reading('g1', NOW - 5 * HOUR_MS, { a: 5 })]);
  await ledger.hours.mark([hour(-5)]);
  let isAway = true;
  const rollUp: TelemetryStore['rollUp'] = async (...args) => {
    if (isAway) throw new TelemetryDownError('away');
    return telemetry.rollUp(...args);
  };
  const one = roller({ telemetry: { ...telemetry, rollUp } });
  await looked(one);
  expect(await left()).toHaveLength(1);
  isAway = false;
  await looked(one);
  expect(await left()).toEqual([]);
  expect(problems).toEqual([]);
  await one.close();
});

test('what can not be read is told and does not hold up the others', async () => {
  await telemetry.write([reading('g2', NOW - 5 * HOUR_MS, { a: 5 })]);
  await ledger.hours.mark([hour(-5), { ...hour(-5), equipment: 'g2' }]);
  const rollUp: TelemetryStore['rollUp'] = async (equipment, hours) => {
    if (equipment === 'g1') throw new Error('damaged');
    return telemetry.rollUp(equipment, hours);
  };
  const one = roller({ telemetry: { ...telemetry, rollUp } });
  await looked(one);
  expect(await left()).toEqual([]);
  expect(one.stats()).toEqual({ hours: 1, values: 1, failures: 1 });
  expect(problems).toEqual([
    `hourly values of g1 from ${new Date(NOW - 5 * HOUR_MS).toISOString()} could not be made up`,
  ]);
  await one.close();
});

test('an hour whose readings may be gone in part is left as it is', async () => {
  const at = NOW - 10 * DAY_MS;
  await telemetry.write([reading('g1', at, { a: 5 }), reading('g1', at + 1, { a: 7 })]);
  await telemetry.rollUp('g1', [at]);
  await telemetry.expire({ rawMs: NOW - 9 * DAY_MS, hourlyMs: 0 });
  // Too late even for the retention: it must not stand for the whole hour.
  await telemetry.write([reading('g1', at + 2, { a: 1 })]);
  await ledger.hours.mark([{ equipment: 'g1', hourMs: at, logOffset: 3 }]);
  const one = roller({ rawMs: 9 * DAY_MS });
  await looked(one);
  await one.close();
  expect(await left()).toEqual([]);
  expect((await days()).min.filter((value) => value !== null)).toEqual([5]);
});

test('readings from before hours were marked are made up once', async () => {
  await ledger.settings.set('hours:begun', '');
  const fresh: Pick<Ledger, 'settings'>['settings'] = {
    ...ledger.settings,
    get: async (key) => (await ledger.settings.get(key)) || null,
  };
  await ledger.equipment.put({ id: 'g1', site: 's', model: 'm', name: 'g1' }, NOW);
  await telemetry.write([reading('g1', NOW - 80 * DAY_MS, { a: 5 }), reading('g1', NOW - DAY_MS, { a: 6 })]);
  const one = roller({ ledger: { ...ledger, settings: fresh } });
  await looked(one);
  expect(one.stats().values).toBe(2);
  await looked(one);
  await one.close();
  expect(one.stats().values).toBe(2);
  await telemetry.expire({ rawMs: NOW + DAY_MS, hourlyMs: 0 });
  expect((await days()).max.filter((value) => value !== null)).toEqual([5, 6]);
});
