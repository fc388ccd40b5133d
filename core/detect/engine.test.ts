import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { MAX_SERIES } from './state.ts';
import { DAY, HOUR, MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const CYCLE = 10 * MINUTE;

/** A hoist that draws 9 A in every cycle, and `wear(cycle)` times that after the quiet ones. */
const hoist = (garage: Player, seed: number, quiet: number, noise = 0.02) => {
  const random = uniform(seed);
  let cycle = 0;
  return (factor: number): number => {
    cycle += 1;
    const atMs = T0 + cycle * CYCLE;
    garage.read(atMs, { hoistCurrentA: 9 * factor * (1 + noise * normal(random)), cycleCount: cycle });
    return cycle - quiet;
  };
};

/** Cycles of a climb of 1 % each until an alert that sends somebody, or null. */
const cyclesToFind = (seed: number, quiet: number, noise: number): number | null => {
  const garage = player(catalogue);
  const run = hoist(garage, seed, quiet, noise);
  for (let i = 0; i < quiet; i++) run(1);
  expect(garage.events.filter(({ severity }) => severity !== 'watch')).toEqual([]);
  for (let i = 1; i <= 60; i++) {
    run(1.01 ** i);
    if (garage.events.some(({ severity }) => severity !== 'watch')) return i;
  }
  return null;
};

describe('drift', () => {
  test('a hoist current that climbs 1 % a cycle after a quiet history is found within 25 cycles', () => {
    for (const quiet of [60, 200, 1_000])
      for (const noise of [0.005, 0.02, 0.05])
        for (let seed = 1; seed <= 8; seed++)
          expect(cyclesToFind(seed, quiet, noise), `${quiet} ${noise} ${seed}`).toBeLessThanOrEqual(25);
  });

  const firstDrift = (seed: number) => {
    const garage = player(catalogue);
    const run = hoist(garage, seed, 300);
    for (let i = 0; i < 300; i++) run(1);
    for (let i = 1; i < 60; i++) {
      run(1 + 0.004 * i);
      const drift = garage.events.find(({ rule }) => rule === 'drift:hoistCurrentA');
      if (drift) return drift;
    }
    return null;
  };

  test('its evidence holds the band, the crossing and the readings', () => {
    const drift = firstDrift(3);
    expect(drift).toMatchObject({ reason: 'drifting-to-limit', component: 'hoist', severity: 'S2' });
    const { expected, crossing, sample, window, seen } = drift?.evidence ?? {};
    expect(expected?.low).toBeGreaterThan(8);
    expect(expected?.high).toBeLessThan(10);
    expect(seen).toBeGreaterThan(9);
    expect(crossing?.limit).toBeCloseTo(9 * 1.15, 0);
    expect(sample?.tsMs.length).toBeGreaterThan(8);
    expect(sample?.tsMs.length).toBeLessThanOrEqual(64);
    expect(sample?.tsMs).toEqual([...(sample?.tsMs ?? [])].sort((a, b) => a - b));
    expect(window?.toMs).toBe(drift?.atMs);
    expect(JSON.parse(JSON.stringify(drift))).toEqual(drift);
  });

  test('the 80 % interval of the crossing holds the true time about as often', () => {
    const truth = T0 + (300 + 0.15 / 0.004) * CYCLE;
    let inside = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const crossing = firstDrift(seed)?.evidence.crossing;
      const hasIt =
        crossing && crossing.earliestMs <= truth && (crossing.latestMs ?? Number.MAX_VALUE) >= truth;
      if (hasIt) inside += 1;
    }
    expect(inside / 60).toBeGreaterThan(0.7);
    expect(inside / 60).toBeLessThan(1);
  });

  test('slow wear of 1 % a day never becomes the normal', () => {
    const garage = player(catalogue);
    const random = uniform(9);
    for (let hour = 0; hour < 24 * 60; hour++) {
      const day = hour / 24;
      const wear = day < 15 ? 1 : 1 + 0.01 * (day - 15);
      garage.read(T0 + hour * HOUR, { hoistCurrentA: 9 * wear * (1 + 0.02 * normal(random)) });
    }
    const first = garage.events.find(({ severity }) => severity !== 'watch');
    expect(first?.rule).toMatch(/hoistCurrentA/);
    expect((first?.atMs ?? 0) - T0).toBeLessThan(30 * DAY);
  });

  test('it ends when the movement ends, and the level stays reported', () => {
    const garage = player(catalogue);
    const run = hoist(garage, 4, 400);
    for (let i = 0; i < 400; i++) run(1);
    for (let i = 1; i <= 10; i++) run(1 + 0.011 * i);
    for (let i = 0; i < 150; i++) run(1.11);
    const drift = garage.events.filter(({ rule }) => rule.startsWith('drift'));
    expect(drift.at(-1)).toMatchObject({ type: 'cleared', reason: 'drift-stopped' });
    const shift = garage.events.filter(({ rule }) => rule.startsWith('shift'));
    expect(shift.at(-1)?.type).not.toBe('cleared');
  });
});

describe('a drift that was told is not told again', () => {
  /** Drifts raised over a course of `factor(day)`, by day. */
  const raisedOn = (seed: number, days: number, noise: number, factor: (day: number) => number) => {
    const garage = player(catalogue);
    const random = uniform(seed);
    for (let atMs = 0; atMs < days * DAY; atMs += 20 * MINUTE)
      garage.read(T0 + atMs, { hoistCurrentA: 9 * factor(atMs / DAY) * (1 + noise * normal(random)) });
    return garage.events
      .filter(({ type, rule }) => type === 'raised' && rule.startsWith('drift'))
      .map(({ atMs }) => Math.floor((atMs - T0) / DAY));
  };

  test('while its level stays; a further rise of it is', () => {
    for (const noise of [0.01, 0.02])
      for (let seed = 1; seed <= 6; seed++) {
        const rise = (day: number) => 1 + 0.04 * Math.max(0, Math.min(3, day - 20));
        const plateau = raisedOn(seed, 60, noise, rise);
        expect(plateau.length, `${noise} ${seed}`).toBeGreaterThan(0);
        expect(plateau.length, `${noise} ${seed}`).toBeLessThanOrEqual(6);
        expect(plateau.filter((day) => day > 26).length, `${noise} ${seed}`).toBeLessThanOrEqual(2);
        const further = raisedOn(seed, 60, noise, (day) => rise(day) + 0.02 * Math.max(0, day - 45));
        expect(further.some((day) => day >= 45)).toBe(true);
      }
  });

  test('on a rhythm of two months: once or a few times a wave', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const wave = (day: number) => 1 + 0.12 * Math.sin((2 * Math.PI * day) / 60);
      expect(raisedOn(seed, 240, 0.02, wave).length, `${seed}`).toBeLessThanOrEqual(6);
    }
  });

  test('back at normal by itself it ends with that reason; without its rule, with that', () => {
    const drifting = () => {
      const garage = player(catalogue);
      const run = hoist(garage, 4, 400);
      for (let i = 0; i < 400; i++) run(1);
      for (let i = 1; i <= 10; i++) run(1 + 0.011 * i);
      expect(garage.events.at(-1)).toMatchObject({ type: 'raised', reason: 'drifting-to-limit' });
      return { garage, run };
    };
    const { garage, run } = drifting();
    for (let i = 0; i < 20; i++) run(1);
    expect(garage.events.filter(({ rule }) => rule.startsWith('drift')).at(-1)).toMatchObject({
      type: 'cleared',
      reason: 'level-normal',
    });
    const other = drifting().garage;
    const without = { ...catalogue, signals: new Map(catalogue.signals) };
    without.signals.delete('hoistCurrentA');
    const after = player(without, other.state);
    expect(after.read(T0 + 411 * CYCLE, { hoistCurrentA: 10 })).toMatchObject([
      { type: 'cleared', reason: 'rule-removed', rule: 'drift:hoistCurrentA' },
    ]);
  });
});

describe('level shift', () => {
  test('S3 beyond the ratio of the catalogue, watch for what only the statistics see', () => {
    const garage = player(catalogue);
    const random = uniform(5);
    const read = (i: number, hoistA: number, other: number) =>
      garage.read(T0 + i * CYCLE, {
        hoistCurrentA: hoistA * (1 + 0.02 * normal(random)),
        somethingNew: other + normal(random),
      });
    for (let i = 0; i < 400; i++) read(i, 9, 100);
    expect(garage.events).toEqual([]);
    for (let i = 400; i < 430; i++) read(i, 11, 110);
    const worst = (rule: string) => garage.events.filter((event) => event.rule === rule).at(-1)?.severity;
    expect(worst('shift:hoistCurrentA:high')).toBe('S3');
    expect(worst('shift:somethingNew:high')).toBe('watch');
    for (let i = 430; i < 470; i++) read(i, 9, 100);
    for (const rule of ['shift:hoistCurrentA:high', 'shift:somethingNew:high'])
      expect(garage.events.filter((event) => event.rule === rule).at(-1)?.reason).toBe('level-normal');
  });

  test('at 1 Hz as well', () => {
    const garage = player(catalogue);
    const random = uniform(6);
    for (let s = 0; s < 3_000; s++)
      garage.read(T0 + s * 1_000, { hoistCurrentA: (s < 2_900 ? 9 : 12) * (1 + 0.03 * normal(random)) });
    const first = garage.events.find(({ severity }) => severity !== 'watch');
    expect(first?.atMs).toBeGreaterThan(T0 + 2_900_000);
    expect(first?.atMs).toBeLessThan(T0 + 2_920_000);
  });

  test('counters and states are never judged by their level, and too little history judges nothing', () => {
    const garage = player(catalogue);
    for (let i = 0; i < 500; i++)
      garage.read(T0 + i * CYCLE, { cycleCount: i, occupancy: i < 300 ? 0 : 1, drumRpm: i < 300 ? 1 : 900 });
    for (let i = 0; i < 29; i++) garage.read(T0 + i * CYCLE, { hoistCurrentA: i < 15 ? 9 : 30 }, 'bay2');
    expect(garage.events).toEqual([]);
  });
});

describe('repair', () => {
  const worn = (seed = 7) => {
    const garage = player(catalogue);
    const run = hoist(garage, seed, 300);
    for (let i = 0; i < 300; i++) run(1);
    let cycle = 0;
    for (let i = 1; i <= 30; i++) cycle = run(1.01 ** i);
    const before = garage.events.length;
    garage.repaired(T0 + (300 + cycle) * CYCLE + 1, 'hoist');
    return { garage, run, since: () => garage.events.slice(before) };
  };

  test('five cycles back in the band clear what the repair fixed, with that reason', () => {
    const { garage, run, since } = worn();
    for (let i = 0; i < 4; i++) run(1);
    expect(since()).toEqual([]);
    for (let i = 0; i < 4; i++) run(1);
    expect(since().length).toBeGreaterThan(0);
    for (const event of since())
      expect(event).toMatchObject({ type: 'cleared', reason: 'recovered-after-repair', component: 'hoist' });
    const open = new Set(garage.events.filter(({ type }) => type === 'raised').map(({ alert }) => alert));
    for (const { alert, type } of garage.events) if (type === 'cleared') open.delete(alert);
    expect([...open]).toEqual([]);
    // And the wear is found again.
    for (let i = 1; i <= 25; i++) run(1.01 ** i);
    expect(since().at(-1)?.type).toMatch(/raised|updated/);
  });

  test('what the repair did not fix stays', () => {
    const { run, since } = worn();
    for (let i = 0; i < 60; i++) run(1.35);
    expect(since().some(({ type }) => type === 'cleared')).toBe(false);
    expect(since().filter(({ reason }) => reason === 'repair-did-not-help').length).toBeGreaterThan(0);
  });

  test('a backlog from before the repair shows nothing; what is measured after it does', () => {
    const { garage, since } = worn();
    const repairedMs = T0 + 330 * CYCLE + 1;
    const upload = (tsMs: number, factor: number, receivedAtMs: number) =>
      garage.tell(
        {
          kind: 'reading',
          reading: {
            equipment: 'E',
            unit: 'bay1',
            tsMs,
            tsSource: 'device',
            seq: null,
            receivedAtMs,
            values: { hoistCurrentA: 9 * factor },
          },
        },
        receivedAtMs,
      );
    const backMs = repairedMs + 3 * HOUR;
    for (let i = 0; i < 60; i++) upload(repairedMs - (60 - i) * MINUTE, 1.35, backMs + i * 4_000);
    expect(since()).toEqual([]);
    for (let i = 1; i <= 10; i++) upload(backMs + i * CYCLE, 1, backMs + i * CYCLE);
    expect(since().length).toBeGreaterThan(0);
    const ofHoist = since().filter(({ evidence }) => evidence.metric === 'hoistCurrentA');
    expect(ofHoist.every(({ reason }) => reason === 'recovered-after-repair')).toBe(true);
  });

  test('a repair of another item, or another unit, means nothing here', () => {
    const { garage, run, since } = worn();
    garage.state.units.get('bay1')?.forEach((series) => {
      series.repair = null;
    });
    garage.repaired(T0 + 331 * CYCLE, 'brake');
    garage.repaired(T0 + 331 * CYCLE, 'hoist', 'bay2');
    for (let i = 0; i < 10; i++) run(1.35);
    expect(since().some(({ reason }) => reason === 'recovered-after-repair')).toBe(false);
  });

  test('an active code of the item: not recovered until it is gone', () => {
    const { garage, run, since } = worn();
    garage.fault(T0 + 331 * CYCLE, 'G06', true);
    for (let i = 0; i < 30; i++) run(1);
    expect(since().some(({ reason }) => reason === 'recovered-after-repair')).toBe(false);
    garage.fault(T0 + 362 * CYCLE, 'G06', false);
    run(1);
    expect(since().some(({ reason }) => reason === 'recovered-after-repair')).toBe(true);
  });

  test('a new part with a lower normal is learnt anew: wear from there is found', () => {
    const { run, since } = worn();
    for (let i = 0; i < 100; i++) run(0.8);
    expect(since().every(({ reason }) => reason === 'recovered-after-repair')).toBe(true);
    for (let i = 1; i <= 25; i++) run(0.8 * 1.01 ** i);
    expect(since().at(-1)).toMatchObject({ rule: expect.stringMatching(/hoistCurrentA/) });
    expect(since().at(-1)?.type).not.toBe('cleared');
  });
});

describe('bounds', () => {
  test('a series keeps under 8 KiB however long it runs', () => {
    const garage = player(catalogue);
    const random = uniform(1);
    for (let i = 0; i < 20_000; i++)
      garage.read(T0 + i * MINUTE, { hoistCurrentA: (i < 15_000 ? 9 : 12) * (1 + 0.1 * normal(random)) });
    const [series] = [...(garage.state.units.get('bay1')?.values() ?? [])];
    expect(JSON.stringify(series).length).toBeLessThan(8_192);
  });

  test('series per equipment are bounded and what goes beyond is counted', () => {
    const garage = player(catalogue);
    for (let i = 0; i < MAX_SERIES + 5; i++) garage.read(T0 + i, { speed: 1 }, `u${i}`);
    expect(garage.state.seriesCount).toBe(MAX_SERIES);
    expect(garage.state.unjudged).toBe(5);
  });
});

test('a hold runs on the clock of its own unit: a past told unit by unit completes none too early', () => {
  const garage = player(catalogue);
  const tell = (unit: string, tsMs: number, windingTempC: number) =>
    garage.tell(
      {
        kind: 'reading',
        reading: {
          equipment: 'E',
          unit,
          tsMs,
          tsSource: 'device',
          seq: null,
          receivedAtMs: T0 + DAY,
          values: { windingTempC },
        },
      },
      T0 + DAY,
    );
  for (let i = 0; i < 5; i++) tell('bay1', T0 + i * MINUTE, 40);
  for (const s of [0, 10]) tell('bay2', T0 + s * 1_000, 125);
  expect(garage.tell({ kind: 'tick', afterGapSince: null }, T0 + DAY + 1_000)).toEqual([]);
  expect(garage.tell({ kind: 'tick', afterGapSince: null }, T0 + DAY + 20_000)).toHaveLength(1);
});

describe('connection', () => {
  test('the newest connection wins: a late will or disconnect of an older one is ignored', () => {
    const garage = player(catalogue);
    const will = (connectionId: string) =>
      garage.tell(
        {
          kind: 'status',
          report: {
            equipment: 'E',
            receivedAtMs: T0,
            connectionId,
            online: false,
            model: null,
            firmware: null,
          },
        },
        T0,
      );
    garage.tell({ kind: 'connected', connectionId: 'c1' }, T0);
    garage.tell({ kind: 'connected', connectionId: 'c2' }, T0 + 1);
    will('c1');
    garage.tell({ kind: 'disconnected', connectionId: 'c1' }, T0 + 2);
    expect(garage.state.connection).toMatchObject({ online: 'online', id: 'c2' });
    will('c2');
    expect(garage.state.connection.online).toBe('offline');
  });

  test('after the service was away, unknown until heard', () => {
    const garage = player(catalogue);
    garage.tell({ kind: 'connected', connectionId: 'c1' }, T0);
    garage.tell({ kind: 'tick', afterGapSince: T0 + 5_000 }, T0 + 900_000);
    expect(garage.state.connection.online).toBe('unknown');
    garage.tell({ kind: 'heard', connectionId: 'c1' }, T0 + 901_000);
    expect(garage.state.connection.online).toBe('online');
  });
});
