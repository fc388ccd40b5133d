import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { AlertEvent } from '../../core/alert/alert.ts';
import { DAY, MINUTE, normal, type Player, player, T0, uniform } from '../../core/detect/testing/play.ts';
import { type Bench, furnish, openBench } from '../testing/bench.ts';

const EVERY = 30 * MINUTE;
const QUIET = 20 * DAY;

/** Bay 1 climbs in a line and meets 115 % after 375 readings; bay 2's bearing doubles every four days. */
const CLIMB = 0.15 / 375;
const DOUBLED_MS = 4 * DAY;
const live = (machine: Player, fromMs: number, toMs: number, isWorn: boolean): void => {
  const random = uniform(fromMs + 7);
  for (let atMs = fromMs; atMs < toMs; atMs += EVERY) {
    const wornMs = isWorn ? Math.max(0, atMs - QUIET) : 0;
    const climb = 1 + CLIMB * (wornMs / EVERY);
    const growth = 2 ** (wornMs / DOUBLED_MS);
    machine.read(T0 + atMs, { hoistCurrentA: 9 * climb * (1 + 0.01 * normal(random)) });
    machine.read(T0 + atMs + 1_000, { vibrationMmS: 0.8 * growth * (1 + 0.02 * normal(random)) }, 'bay2');
  }
};

/** What the newest event that is no end says of the crossing. */
const newest = (events: readonly AlertEvent[], metric: string, unit: string) => {
  const crossing = events.findLast((event) => event.rule === `drift:${metric}`)?.evidence.crossing;
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    ...{ unit, component: 'hoist', metric, limit: crossing?.limit },
    at: iso(crossing?.atMs ?? 0),
    earliestAt: iso(crossing?.earliestMs ?? 0),
    latestAt: iso(crossing?.latestMs ?? 0),
  };
};

describe('remaining life', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    await furnish(bench);
  });
  afterAll(() => bench.close());

  const told = async (events: readonly AlertEvent[]) => {
    await bench.ledger.alerts.apply(events.map((event) => ({ ...event, equipment: 'g1' })));
    return (await bench.ask('viewer', { url: '/api/v1/equipment/g1' })).json().remainingLife;
  };

  it('is the newest crossing of each active drift, soonest first, and gone when the drift is', async () => {
    const machine = player(await loadCatalogue());
    live(machine, 0, QUIET + 5 * DAY, true);
    machine.fault(T0 + QUIET + 5 * DAY, 'G17', true);
    const life = await told(machine.events);
    expect(life).toEqual([
      newest(machine.events, 'hoistCurrentA', 'bay1'),
      newest(machine.events, 'vibrationMmS', 'bay2'),
    ]);
    // In the metric's own unit, though growth is followed on a scale of logarithms.
    expect(life[1].limit).toBe(4.5);
    const truth = [QUIET + 375 * EVERY, QUIET + DOUBLED_MS * Math.log2(4.5 / 0.8)];
    life.forEach(({ earliestAt, latestAt }: { earliestAt: string; latestAt: string }, i: number) => {
      expect(Date.parse(earliestAt)).toBeLessThan(T0 + (truth[i] as number));
      expect(Date.parse(latestAt)).toBeGreaterThan(T0 + (truth[i] as number));
    });

    const toldBefore = machine.events.length;
    live(machine, QUIET + 5 * DAY, QUIET + 8 * DAY, false);
    const since = machine.events.slice(toldBefore);
    const ended = since.filter(({ type, rule }) => type === 'cleared' && rule.startsWith('drift:'));
    expect(ended.map(({ unit }) => unit).sort()).toEqual(['bay1', 'bay2']);
    expect(await told(since)).toEqual([]);
  });
});
