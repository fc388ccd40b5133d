import { loadCatalogue } from '../../../catalogue/load.ts';
import { HABITS, type HabitsName } from '../../../simulators/calendar/people.ts';
import { machineClasses } from '../../../simulators/trial.ts';
import { live } from '../wear/life.ts';

/**
 * Visits to garages that are well, because a unit was not heard while nobody came: every class, every habit, over
 * Spring Festival, Qingming and the October holiday. `node test/bench/detect/unused.ts [WEEKS]`, about 40 s for nine.
 */
const weeks = Number(process.argv[2] ?? 9);
const DAY_MS = 86_400_000;
const STARTS = [Date.UTC(2026, 0, 5), Date.UTC(2026, 2, 4), Date.UTC(2026, 8, 5)];
const catalogue = await loadCatalogue();
const garages = machineClasses().filter(({ model }) => model.startsWith('P'));

const visitsTo = (model: string, people: HabitsName, fromMs: number, seed: number): readonly string[] => {
  const healthy = { mechanism: null, onsetMs: fromMs, lifeDays: 1, bays: seed < 20 ? 8 : 12 } as const;
  const trial = { model, seed, fromMs, tier: 2, people, ...healthy } as const;
  return live({ catalogue, trial, endMs: fromMs + weeks * 7 * DAY_MS })
    .visits.filter(({ component, isRescue }) => component === 'controller' && !isRescue)
    .map(({ unit, atMs }) => `${model} ${people} ${seed}: ${unit} ${new Date(atMs).toISOString()}`);
};

const all: string[] = [];
let months = 0;
for (const { model } of garages)
  for (const people of Object.keys(HABITS) as HabitsName[])
    for (const [i, fromMs] of STARTS.entries())
      for (const seed of [10 + i, 20 + i]) {
        all.push(...visitsTo(model, people, fromMs, seed));
        months += (weeks * 7) / 30;
      }
for (const line of all) console.log(line);
console.log(`${all.length} visits for silence in ${months.toFixed(0)} machine-months`);
