import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { chanceOfAtLeast } from './negative-binomial.ts';
import { DAY, HOUR, MINUTE, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const told = (machine: Player) =>
  machine.events
    .filter(({ rule }) => rule.startsWith('code-rate:'))
    .map(({ type, reason, severity, component, atMs }) =>
      [type, reason, severity, component, Math.floor((atMs - T0) / DAY)].join(' '),
    );

/** Reports every hour, ticks every ten minutes, and a code that comes `perDay(day)` times a day. */
const live = (code: string, perDay: (day: number) => number, days: number, seed: number): Player => {
  const machine = player(catalogue);
  const random = uniform(seed);
  for (let atMs = 0; atMs < days * DAY; atMs += 10 * MINUTE) {
    machine.tell({ kind: 'tick', afterGapSince: null }, T0 + atMs);
    if (atMs % HOUR === 0) machine.read(T0 + atMs, { supplyVoltageV: 380 + random() });
    if (random() >= perDay(atMs / DAY) / 144) continue;
    machine.fault(T0 + atMs + 1_000, code, true);
    machine.fault(T0 + atMs + MINUTE, code, false);
  }
  return machine;
};

test('the chance of a count is that of a Gamma mixture of Poissons', () => {
  // R: pnbinom(n - 1, size = 3, prob = 10 / 12, lower.tail = FALSE)
  expect(chanceOfAtLeast(0, 2, 3, 10)).toBe(1);
  expect(chanceOfAtLeast(1, 2, 3, 10)).toBeCloseTo(1 - (10 / 12) ** 3, 12);
  expect(chanceOfAtLeast(2, 2, 3, 10)).toBeCloseTo(1 - (10 / 12) ** 3 * (1 + 3 * (2 / 12)), 12);
  // With very much known, it is Poisson's.
  const poisson = 1 - Math.exp(-2) * (1 + 2 + 2 + 8 / 6 + 16 / 24);
  expect(chanceOfAtLeast(5, 2, 1e7, 1e7)).toBeCloseTo(poisson, 5);
});

describe('harmless codes', () => {
  test('as often as ever are nothing: 40 machines, two months', () => {
    let raised = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const perDay = [0.05, 0.3, 1, 4][seed % 4] as number;
      raised += told(live('G14', () => perDay, 60, seed)).filter((line) => line.startsWith('raised')).length;
    }
    expect(raised).toBeLessThanOrEqual(1);
  });

  test('a burst is told within the hour, and over when it is usual again', () => {
    const machine = live('G17', (day) => (day > 30 && day < 30.5 ? 60 : 0.3), 34, 5);
    const lines = told(machine);
    expect(lines[0]).toBe('raised code-rate-unusual S3 sensors 30');
    expect(lines.at(-1)).toMatch(/^cleared code-rate-usual S3 sensors 3[01]$/);
    expect(machine.events.find(({ rule }) => rule === 'code-rate:G17')?.evidence).toMatchObject({
      code: 'G17',
      metric: null,
      detector: { name: 'code-rate' },
    });
  });

  test('a slow rise from one a day to four is found within two weeks', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const machine = live('G18', (day) => (day < 40 ? 1 : 4), 60, seed);
      const first = machine.events.find(({ rule }) => rule === 'code-rate:G18');
      expect((first?.atMs ?? Number.POSITIVE_INFINITY) - T0).toBeLessThan(54 * DAY);
      expect((first?.atMs ?? 0) - T0).toBeGreaterThan(40 * DAY);
    }
  });

  test('a code that flaps is one episode', () => {
    const machine = live('G17', () => 0, 20, 1);
    for (let i = 0; i < 200; i++) {
      machine.fault(T0 + 20 * DAY + i * MINUTE, 'G17', true);
      machine.fault(T0 + 20 * DAY + i * MINUTE + 20_000, 'G17', false);
    }
    expect(told(machine)).toEqual([]);
  });

  test('a lock-out is not counted: each one is a matter of its own', () => {
    expect(told(live('G10', (day) => (day > 30 ? 40 : 0), 33, 1))).toEqual([]);
  });

  /** Codes and status only: it measures nothing, and nothing comes in the first 20 days. */
  const silentUntilItRises = (fromMs: number, begin: (machine: Player) => void): Player => {
    const machine = player(catalogue);
    begin(machine);
    for (let atMs = fromMs; atMs < fromMs + 3 * DAY; atMs += 6 * HOUR) {
      machine.fault(atMs, 'G17', true);
      machine.fault(atMs + MINUTE, 'G17', false);
    }
    return machine;
  };
  const FIRST_MS = T0 + 20 * DAY;
  const registered = (machine: Player) => machine.tell({ kind: 'registered', model: 'PSH-7' }, T0);

  test.each([
    ['connected', (machine: Player) => machine.tell({ kind: 'connected', connectionId: 'c1' }, T0)],
    [
      'its own status',
      (machine: Player) => {
        const said = { online: true, model: 'PSH-7', firmware: '1' };
        const report = { equipment: 'E', receivedAtMs: T0, connectionId: 'c1', ...said };
        machine.tell({ kind: 'status', report }, T0);
      },
    ],
    [
      'registered, of a connection that was heard before this was kept',
      (machine: Player) => {
        machine.tell({ kind: 'connected', connectionId: 'c1' }, T0 - DAY);
        machine.state.sinceMs = null;
        registered(machine);
      },
    ],
  ])('the quiet past of a machine that only says codes begins when it is %s', (_how, begin) => {
    const lines = told(silentUntilItRises(FIRST_MS, begin));
    expect(lines[0]).toMatch(/^raised code-rate-unusual S3 sensors 2[01]$/);
  });

  test('a machine that is entered weeks before it is installed had no quiet past', () => {
    const installed = (machine: Player) => {
      registered(machine);
      machine.tell({ kind: 'connected', connectionId: 'c1' }, FIRST_MS - HOUR);
    };
    expect(told(silentUntilItRises(FIRST_MS, installed))).toEqual([]);
  });
});
