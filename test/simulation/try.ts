import { loadCatalogue } from '../../catalogue/load.ts';
import { CALM } from './plan-disturbances.ts';
import { planOf } from './plan-seed.ts';
import { simulate } from './simulate.ts';

const seed = Number(process.argv[2] ?? 1);
const catalogue = await loadCatalogue();
for (const calm of [true, false]) {
  const plan = planOf(seed);
  const t = performance.now();
  const run = await simulate(calm ? { ...plan, disturbances: CALM } : plan, catalogue);
  console.log(
    calm ? 'calm' : 'disturbed',
    Math.round(performance.now() - t),
    'ms',
    run.trace.lines.length,
    'lines',
    run.disks.history.length,
    'records',
  );
  console.log(
    plan.episodes.map((e) => `${e.id} ${e.kind} ${e.sign} ${new Date(e.onsetMs).toISOString()}`).join('\n'),
  );
  if (process.argv[3])
    console.log(
      run.trace.lines
        .filter((l) => !/ log: .*(telemetry)/.test(l))
        .slice(-Number(process.argv[3]))
        .join('\n'),
    );
  const l = await run.disks.ledger.open({ clock: () => 0 });
  const tickets = await l.tickets.list({ limit: 100 });
  for (const t of tickets.rows)
    console.log(
      t.id,
      t.equipment,
      t.unit,
      t.component,
      t.cause,
      t.state,
      t.closeReason,
      new Date(t.openedAtMs).toISOString(),
    );
  console.log(
    'broken',
    run.town.items.broken().map((e) => e.id),
    'waiting',
    run.town.clients.map((c) => c.waiting()),
    [...run.service.crashes],
  );
}
