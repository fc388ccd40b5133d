import { loadCatalogue } from '../../catalogue/load.ts';
import type { AlertEvent } from '../../core/alert/alert.ts';
import { type Input, step } from '../../core/detect/engine.ts';
import { type ModelPopulation, populationsOf } from '../../core/detect/population.ts';
import { type EquipmentState, newState } from '../../core/detect/state.ts';
import { DEFAULT_BOOK } from '../../core/rules/parameters.ts';
import type { Emission } from '../../simulators/machine.ts';
import { createTrial, type MachineClass, machineClasses, type Trial } from '../../simulators/trial.ts';

/**
 * What six first-line detectors raise on machines that are well, and what they find of faults that are put in:
 * `node test/bench/detectors.bench.ts [MACHINES_PER_CLASS] [DAYS] [SEED]`. Prints two tables.
 */
const perClass = Number(process.argv[2] ?? 8);
const days = Number(process.argv[3] ?? 45);
const seed0 = Number(process.argv[4] ?? 1);

const FROM_MS = Date.UTC(2026, 2, 2);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SLAB_MS = 6 * HOUR_MS;
const ONSET_MS = FROM_MS + Math.floor(0.6 * days) * DAY_MS;
const OURS = ['stuck', 'rate', 'counter', 'no-data', 'code-rate', 'peers'] as const;
const catalogue = await loadCatalogue();
const rules = DEFAULT_BOOK;

/** What becomes of what a machine says on its way: null: it is lost. */
type Way = (said: Emission) => Emission | null;
const straight: Way = (said) => said;

interface Listener {
  readonly id: string;
  readonly trial: Trial;
  readonly way: Way;
  state: EquipmentState;
  readonly events: AlertEvent[];
}

interface Fleet {
  readonly machines: readonly Listener[];
  populations: ReadonlyMap<string, ModelPopulation>;
}

let offset = 0;
const tell = (fleet: Fleet, machine: Listener, input: Input, receivedAtMs: number): void => {
  const place = { partition: 0, offset: offset++, nextIndex: 0, receivedAtMs };
  const book = { catalogue, rules, populations: fleet.populations };
  const result = step(book, machine.id, machine.state, input, place);
  machine.state = result.state;
  for (const event of result.events) machine.events.push(event);
};

/** Ticks up to `toMs`, where one can matter. */
const tick = (fleet: Fleet, machine: Listener, fromMs: number, toMs: number): void => {
  for (let atMs = fromMs; atMs <= toMs; atMs += MINUTE_MS) {
    if (machine.state.dueMs > toMs) return;
    if (machine.state.dueMs > atMs + MINUTE_MS) {
      atMs += Math.floor((machine.state.dueMs - atMs) / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
      continue;
    }
    tell(fleet, machine, { kind: 'tick', afterGapSince: null }, atMs);
  }
};

const hear = (fleet: Fleet, machine: Listener, said: Emission): void => {
  const { unit, tsMs } = said;
  const from = {
    equipment: machine.id,
    unit,
    tsMs,
    tsSource: 'device',
    seq: null,
    receivedAtMs: tsMs,
  } as const;
  if (said.kind === 'reading')
    tell(fleet, machine, { kind: 'reading', reading: { ...from, values: said.values } }, tsMs);
  else {
    const { code, active, detail } = said;
    tell(fleet, machine, { kind: 'fault', report: { ...from, code, active, detail } }, tsMs);
  }
};

const listener = (trial: Trial, way: Way): Listener => ({
  id: trial.machine.id,
  trial,
  way,
  state: newState(),
  events: [],
});

const live = (machines: readonly Listener[], model: string): Fleet => {
  const fleet: Fleet = { machines, populations: new Map() };
  for (const machine of machines) {
    tell(fleet, machine, { kind: 'registered', model }, FROM_MS);
    tell(fleet, machine, { kind: 'connected', connectionId: 'c' }, FROM_MS);
  }
  for (let atMs = FROM_MS; atMs < FROM_MS + days * DAY_MS; atMs += SLAB_MS) {
    for (const machine of machines) {
      let tickMs = atMs;
      for (const emissions of machine.trial.until(atMs + SLAB_MS))
        for (const emission of emissions) {
          const said = machine.way(emission);
          if (!said) continue;
          tick(fleet, machine, tickMs, said.tsMs);
          tickMs = Math.max(tickMs, said.tsMs - (said.tsMs % MINUTE_MS));
          hear(fleet, machine, said);
        }
      tick(fleet, machine, tickMs, atMs + SLAB_MS);
    }
    const told = populationsOf(
      catalogue,
      machines.map(({ id, state }) => [id, state] as const),
      atMs + SLAB_MS,
    );
    fleet.populations = new Map(told.map((one) => [one.model, one]));
  }
  return fleet;
};

const trialOf = (kind: MachineClass, seed: number, tier: 2 | 3, mechanism: string | null): Trial =>
  createTrial({
    model: kind.model,
    seed,
    fromMs: FROM_MS,
    tier,
    mechanism,
    onsetMs: ONSET_MS,
    lifeDays: 20,
    stopsPerMonth: 12,
    ...(kind.model.startsWith('P') ? { bays: 4 } : {}),
    id: `${kind.id}-${seed}-${tier}`,
  });

const raised = (events: readonly AlertEvent[], name: string) => {
  const worst = new Map<string, AlertEvent>();
  for (const event of events) {
    if (event.evidence.detector.name !== name) continue;
    if (event.type === 'raised' || (event.type === 'updated' && event.severity !== 'watch'))
      worst.set(event.alert, event);
  }
  const all = [...worst.values()];
  return {
    sent: all.filter(({ severity }) => severity !== 'watch'),
    watched: all.filter(({ severity }) => severity === 'watch'),
  };
};

const totals = new Map<string, { sent: number; watched: number; where: Map<string, number> }>();
let months = 0;
let readings = 0;
const startedMs = performance.now();
for (const kind of machineClasses()) {
  const machines = Array.from({ length: perClass }, (_, i) =>
    listener(trialOf(kind, seed0 * 1_000 + i, i % 2 === 0 ? 3 : 2, null), (said) => {
      readings += 1;
      return said;
    }),
  );
  const fleet = live(machines, kind.model);
  months += (perClass * days) / 30;
  for (const name of OURS) {
    const known = totals.get(name) ?? { sent: 0, watched: 0, where: new Map() };
    totals.set(name, known);
    for (const machine of fleet.machines) {
      const { sent, watched } = raised(machine.events, name);
      known.sent += sent.length;
      known.watched += watched.length;
      for (const { rule } of sent) {
        const at = `${kind.id} ${rule}`;
        known.where.set(at, (known.where.get(at) ?? 0) + 1);
      }
    }
  }
}
const seconds = (performance.now() - startedMs) / 1_000;
console.log(
  `healthy: ${months.toFixed(0)} machine-months of ${machineClasses().length} classes, ${readings} messages, ${seconds.toFixed(0)} s`,
);
console.log('detector    asks for somebody   per machine-month   worth a watch   per machine-month');
for (const [name, { sent, watched, where }] of totals) {
  const line = [
    name.padEnd(11),
    String(sent).padStart(17),
    (sent / months).toFixed(4).padStart(19),
    String(watched).padStart(15),
    (watched / months).toFixed(4).padStart(19),
  ];
  console.log(
    line.join(' '),
    [...where]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 4)
      .map(([at, n]) => `${at} ×${n}`)
      .join(', '),
  );
}

interface Case {
  readonly name: string;
  readonly detector: (typeof OURS)[number];
  readonly mechanism: string | null;
  /** What happens on the way to one that is hit. */
  readonly way: () => Way;
  readonly only?: (kind: MachineClass) => boolean;
}

const after =
  (way: Way): Way =>
  (said) =>
    said.tsMs < ONSET_MS ? said : way(said);
const mapValues = (said: Emission, change: (metric: string, value: number) => number): Emission =>
  said.kind === 'reading'
    ? { ...said, values: Object.fromEntries(Object.entries(said.values).map(([k, v]) => [k, change(k, v)])) }
    : said;
const isGarage = ({ model }: MachineClass): boolean => model.startsWith('P');

const codeEvery =
  (everyMs: number): (() => Way) =>
  () => {
    let lastMs = 0;
    let isOn = false;
    // In the place of a reading: on, and off with a later one.
    return after((said) => {
      if (said.kind !== 'reading' || said.unit === '' || (!isOn && said.tsMs - lastMs < everyMs)) return said;
      isOn = !isOn;
      lastMs = said.tsMs;
      return { kind: 'fault', tsMs: said.tsMs, unit: 'bay1', code: 'G14', active: isOn, detail: '' };
    });
  };

const CASES: readonly Case[] = [
  { name: 'a sensor hangs', detector: 'stuck', mechanism: 'stuck', way: () => straight },
  { name: 'a sensor spikes (6 % of readings)', detector: 'rate', mechanism: 'spikes', way: () => straight },
  {
    name: 'the cycle counter stands still',
    detector: 'counter',
    mechanism: null,
    only: isGarage,
    way: () => {
      const at = new Map<string, number>();
      return (said) =>
        mapValues(said, (metric, value) => {
          if (metric !== 'cycleCount') return value;
          if (said.tsMs < ONSET_MS) at.set(said.unit, value);
          return at.get(said.unit) ?? value;
        });
    },
  },
  {
    name: 'the cycle counter begins anew',
    detector: 'counter',
    mechanism: null,
    only: isGarage,
    way: () => {
      const at = new Map<string, number>();
      return (said) =>
        mapValues(said, (metric, value) => {
          if (metric !== 'cycleCount') return value;
          if (said.tsMs < ONSET_MS) at.set(said.unit, value);
          return said.tsMs < ONSET_MS ? value : value - (at.get(said.unit) ?? 0);
        });
    },
  },
  { name: 'nothing is heard any more', detector: 'no-data', mechanism: null, way: () => after(() => null) },
  {
    name: 'one bay is not heard any more',
    detector: 'no-data',
    mechanism: null,
    only: isGarage,
    way: () => after((said) => (said.unit === '' ? said : said.unit.endsWith('1') ? null : said)),
  },
  {
    name: 'G14 every two hours',
    detector: 'code-rate',
    mechanism: null,
    only: isGarage,
    way: codeEvery(2 * HOUR_MS),
  },
  {
    name: 'another scale of every signal (×1.6), from the first day',
    detector: 'peers',
    mechanism: null,
    way: () => (said) => mapValues(said, (metric, value) => (metric === 'cycleCount' ? value : value * 1.6)),
  },
];

console.log(
  '\nput in                                                    found   asks for somebody   median delay',
);
for (const one of CASES) {
  const delays: number[] = [];
  let hit = 0;
  let found = 0;
  let sentCount = 0;
  for (const kind of machineClasses().filter(one.only ?? (() => true))) {
    const machines = Array.from({ length: Math.max(8, perClass) }, (_, i) => {
      const isHit = i === 0;
      const trial = trialOf(kind, seed0 * 2_000 + i, 3, isHit ? one.mechanism : null);
      return listener(trial, isHit ? one.way() : straight);
    });
    live(machines, kind.model);
    for (const { events } of machines.slice(0, 1)) {
      const sinceMs = one.detector === 'peers' ? FROM_MS : ONSET_MS;
      const { sent, watched } = raised(
        events.filter(({ atMs }) => atMs >= sinceMs),
        one.detector,
      );
      hit += 1;
      const first = [...sent, ...watched].sort((a, b) => a.atMs - b.atMs)[0];
      if (first) {
        found += 1;
        delays.push(first.atMs - sinceMs);
      }
      if (sent.length > 0) sentCount += 1;
    }
  }
  delays.sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)];
  const delay = median === undefined ? '–' : `${(median / HOUR_MS).toFixed(1)} h`;
  console.log(
    `${one.name.padEnd(56)} ${`${found}/${hit}`.padStart(7)} ${`${sentCount}/${hit}`.padStart(18)} ${delay.padStart(14)}`,
  );
}
