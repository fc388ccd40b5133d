import { describe, expect, it } from 'vitest';
import { classOf } from '../../core/fault/catalogue.ts';
import { startTestBroker } from '../testing/broker.ts';
import { checkTown } from '../town/file.ts';
import { machineClasses } from '../trial.ts';
import { fleetOf } from './fleet.ts';
import { parseSecrets } from './secrets.ts';
import { runSteady } from './steady.ts';
import { TROUBLES, troubledTown } from './troubles.ts';
import { pauseForRate, wearingTown } from './wearing.ts';

describe('steady load', () => {
  it('says every reading that is due, at most once each, and counts them', async () => {
    const server = await startTestBroker();
    const result = await runSteady({
      url: server.url,
      machines: fleetOf(14),
      ratePerS: 1_000,
      durationMs: 500,
      seed: 1,
      clock: Date.now,
      monotonic: () => performance.now(),
      signal: new AbortController().signal,
    });
    await server.close();
    expect(result).toMatchObject({ sent: 500, acked: 500, errors: 0, dropped: 0 });
    const telemetry = server.heard.filter(({ topic }) => topic.endsWith('/telemetry'));
    const readings = telemetry.flatMap(({ client, payload }) =>
      [JSON.parse(payload)]
        .flat()
        .map(({ seq, ts }: { seq: number; ts: number }) => ({ key: `${client}/${seq}`, ts })),
    );
    expect(new Set(readings.map(({ key }) => key)).size).toBe(500);
    expect(Math.max(...readings.map(({ ts }) => ts))).toBeLessThanOrEqual(Date.now());
    expect(result.p99Ms).not.toBeNull();
  });
});

describe('wearing garages', () => {
  it('are a valid town whose wears begin and end within the run', () => {
    const pauseS = pauseForRate(2, 12);
    expect(pauseS).toBe(1);
    const town = wearingTown(fleetOf(2, 'PSH-7'), 600_000, pauseS, 3);
    expect(checkTown(JSON.parse(JSON.stringify(town)))).toEqual(town);
    expect(town.wears).toHaveLength(6);
    for (const { afterS, lifeCycles } of town.wears) {
      expect(afterS).toBeGreaterThanOrEqual(60);
      expect(afterS + lifeCycles * 2 * pauseS).toBeLessThanOrEqual(0.91 * 600);
    }
  });
});

describe('a made-up fleet', () => {
  it('has every class that is simulated within its first machines', () => {
    const models = fleetOf(14).map(({ model }) => model);
    expect(new Set(models.map(classOf))).toEqual(
      new Set(machineClasses().map(({ model }) => classOf(model))),
    );
    expect(models).toContain('fridge-300i');
  });
});

describe('troubles', () => {
  const run = { machines: fleetOf(14), durationMs: 60_000, seed: 7 };

  it.each(TROUBLES)('%s is a valid town that has it, and is calm at both ends', (trouble) => {
    const town = troubledTown(trouble, run, 100);
    expect(checkTown(JSON.parse(JSON.stringify(town)))).toEqual(town);
    expect(town.scenes.length + town.wears.length).toBeGreaterThan(0);
    for (const { afterS, forS } of town.scenes) {
      expect(afterS).toBeGreaterThanOrEqual(6);
      expect(afterS + forS).toBeLessThanOrEqual(54);
    }
    expect(troubledTown(trouble, run, 100)).toEqual(town);
  });

  it('lies are of every kind where there are machines enough', () => {
    const { wears } = troubledTown('lies', { ...run, machines: fleetOf(30) }, 100);
    expect(new Set(wears.map(({ mechanism }) => mechanism)).size).toBe(5);
  });
});

describe('secrets', () => {
  const line = (id: string): string =>
    JSON.stringify({ id, site: 's', model: 'PSH-7', name: 'n', secret: 'x' });
  const entry = (id: string) => ({ id, site: 's', model: 'PSH-7', secret: 'x' });

  it('are read as lines and as a list', () => {
    expect(parseSecrets(`${line('a')}\n\n${line('b')}\n`, 'f')).toEqual([entry('a'), entry('b')]);
    expect(parseSecrets(`[${line('a')},\n${line('b')}]`, 'f')).toEqual([entry('a'), entry('b')]);
  });

  it('say where they are wrong, never what they are', () => {
    expect(() => parseSecrets('', 'f')).toThrow('f: is empty');
    expect(() => parseSecrets(`${line('a')}\n{"secret":"hush"`, 'f')).toThrow(/^f line 2: is not JSON$/);
    expect(() => parseSecrets(line('a b'), 'f')).toThrow('f line 1: id must be');
    expect(() => parseSecrets('{"id":"a","site":"s","model":"m"}', 'f')).toThrow(
      'f line 1: needs id, site, model and secret',
    );
    expect(() => parseSecrets(`${line('a')}\n${line('a')}`, 'f')).toThrow('f: a stands twice');
  });
});
