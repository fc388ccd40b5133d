import { expect, test } from 'vitest';
import type { Crew } from '../crew/crew.ts';
import { chooseCrew, whyNobody } from './choose.ts';
import { distanceM, travelMs } from './travel.ts';

const everyDay = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00' }];
const crew = (id: string, lat: number, patch: Partial<Crew> = {}): Crew => ({
  id,
  name: id,
  station: null,
  position: { lat, lon: 121.47 },
  skills: ['PSH'],
  shifts: everyDay,
  timeZone: 'Asia/Shanghai',
  active: true,
  ...patch,
});
const job = { equipmentClass: 'PSH', position: { lat: 31.2, lon: 121.47 }, asked: [] as string[] };
const free = new Map<string, number>();

test('the nearest qualified crew on shift is first', () => {
  const choice = chooseCrew(
    job,
    [crew('far', 31.4), crew('near', 31.21), crew('nearer', 31.205, { skills: ['fridge'] })],
    free,
    0,
  );
  expect(choice.candidates.map((candidate) => candidate.crew)).toEqual(['near', 'far']);
  expect(choice.excluded).toEqual([{ crew: 'nearer', reason: 'not-qualified' }]);
});

test('every exclusion has its name', () => {
  const crews = [
    crew('a', 31.2, { active: false }),
    crew('b', 31.2, { shifts: [] }),
    crew('c', 31.2),
    crew('d', 31.2),
  ];
  const choice = chooseCrew({ ...job, asked: ['d'] }, crews, new Map([['c', 1]]), 0);
  expect(choice.candidates).toEqual([]);
  expect(choice.excluded).toEqual([
    { crew: 'a', reason: 'inactive' },
    { crew: 'b', reason: 'off-shift' },
    { crew: 'c', reason: 'busy' },
    { crew: 'd', reason: 'already-asked' },
  ]);
  // A free crew that was asked before goes before waiting for a busy one.
  expect(whyNobody(choice)).toBe('all-asked');
});

test('equal distance is decided by id, so that a replay chooses alike', () => {
  const forward = chooseCrew(job, [crew('x', 31.3), crew('y', 31.3)], free, 0);
  const backward = chooseCrew(job, [crew('y', 31.3), crew('x', 31.3)], free, 0);
  expect(forward.candidates).toEqual(backward.candidates);
});

test('travel: a degree of latitude is about 111.2 km, and a van needs minutes even next door', () => {
  expect(distanceM({ lat: 31, lon: 121 }, { lat: 32, lon: 121 })).toBeCloseTo(111_195, -1);
  expect(travelMs({ lat: 31, lon: 121 }, { lat: 31, lon: 121 })).toBe(180_000);
});

test('no crew at all is said as such', () => {
  expect(whyNobody(chooseCrew(job, [], free, 0))).toBe('no-crews');
});
