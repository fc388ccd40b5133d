import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import type { AnyDefect } from './defect/defect.ts';
import { DEFECTS, type DefectName } from './defects.ts';
import { noEffects } from './effect.ts';
import { defectsOf, GARAGES } from './kinds.ts';
import { METRICS } from './part/metric.ts';

const rows = readFileSync(new URL('../../docs/garages.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(2, -2)
      .split('|')
      .map((cell) => cell.trim()),
  );
const words = (cell: string | undefined): string[] =>
  (cell ?? '').split(/[ ,]+/).filter((word) => word !== '');

describe('docs/garages.md', () => {
  it.each(Object.entries(DEFECTS) as [DefectName, AnyDefect][])('knows the wear %s', (name, defect) => {
    const [, item, codes, precursor, metrics, classes] = rows.find(([first]) => first === name) ?? [];
    expect(item).toBe(defect.component);
    expect(words(codes)).toEqual([...new Set(defect.codes)]);
    expect(precursor).toBe(defect.precursor);
    for (const metric of words(metrics)) expect(METRICS).toContain(metric);
    expect(words(classes)).toEqual(
      Object.entries(GARAGES).flatMap(([id, kind]) => (defectsOf(kind).includes(name) ? [id] : [])),
    );
    const worn = noEffects();
    const random = stream(1, name);
    let state = defect.begin(defect.fresh(random, true), 2);
    for (let i = 0; i < 2; i++)
      state = defect.after(state, { load: 1, tempC: 42, ambientC: 20, humidityPct: 66, wetMm: 8 }, 1, random);
    defect.affect(state, worn);
    expect(worn).not.toEqual(noEffects());
  });

  it('knows the units of every class', () => {
    for (const [id, { mover, entrance }] of Object.entries(GARAGES)) {
      const row = rows.find(([first]) => first?.startsWith(`${id} `));
      expect(row?.[1]).toContain(mover.perPlace ? `\`${mover.name}1\` …` : `\`${mover.name}\``);
      for (const name of Object.keys(entrance)) expect(row?.[1]).toContain(`\`${name}\``);
    }
  });

  it('names no wear that is not there', () => {
    const from = rows.findIndex(([first]) => first === 'wear');
    const named = rows.slice(from + 1).map(([first]) => first);
    expect(named.filter((name) => name !== undefined && !Object.hasOwn(DEFECTS, name))).toEqual([]);
  });
});
