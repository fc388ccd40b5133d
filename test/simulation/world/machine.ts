import { round } from '../../../simulators/random/draw.ts';
import { type Random, stream } from '../../../simulators/random/stream.ts';
import type { MachinePlan } from '../plan.ts';
import type { Items } from './items.ts';

/** A message of a machine, until it is acknowledged. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  /** For the trace. */
  readonly about: string;
}

/** One number as it was measured: equipment, unit, metric, ts and seq are who it is. */
export type Sent = ReadonlyMap<string, number>;

export const identityOf = (
  equipment: string,
  unit: string,
  metric: string,
  tsMs: number,
  seq: number,
): string => `${equipment}/${unit}/${metric}@${tsMs}#${seq}`;

/** What a metric shows when all is well, and at its limit and beyond (wear 1). */
const METRICS: Readonly<
  Record<string, { readonly well: number; readonly worn: number; readonly noise: number }>
> = {
  hoistCurrentA: { well: 9, worn: 9, noise: 0.3 },
  brakeSlipMm: { well: 2, worn: 10.5, noise: 0.2 },
  oilPressureMpa: { well: 12, worn: 5.8, noise: 0.2 },
  drainS: { well: 60, worn: 122, noise: 2 },
  motorCurrentA: { well: 2, worn: 2, noise: 0.1 },
};

const metricsOf = (model: string): readonly string[] =>
  model.startsWith('PSH') ? ['hoistCurrentA', 'brakeSlipMm', 'oilPressureMpa'] : ['drainS', 'motorCurrentA'];

export interface Machine {
  readonly plan: MachinePlan;
  /** Everything it ever measured. */
  readonly sent: Sent;
  /** Payloads that it sent and that are no readings. */
  readonly garbage: readonly string[];
  topicOf(channel: 'telemetry' | 'fault' | 'status' | 'service'): string;
  measure(): Message;
  sayCode(unit: string, code: string, active: boolean): Message;
  sayStatus(online: boolean): Message;
  sayGarbage(): Message;
  reboot(): void;
  /** It heard of a repair. */
  hear(payload: string): void;
  readonly heardRepairs: readonly string[];
}

export interface MachineOptions {
  readonly town: number;
  readonly plan: MachinePlan;
  readonly items: Items;
  readonly now: () => number;
}

export const createMachine = ({ town, plan, items, now }: MachineOptions): Machine => {
  const random: Random = stream(town, `noise/${plan.id}`);
  const sent = new Map<string, number>();
  const garbage: string[] = [];
  const heardRepairs: string[] = [];
  let seq = 0;
  const clock = (): number => now() + plan.skewMs;
  const topicOf = (channel: string): string => `v1/${plan.site}/${plan.id}/${channel}`;
  const message = (channel: string, said: unknown, about: string): Message => ({
    topic: topicOf(channel),
    payload: typeof said === 'string' ? said : JSON.stringify(said),
    about: `${plan.id} ${about}`,
  });

  const reading = (unit: string) => {
    seq += 1;
    const ts = clock();
    const values = Object.fromEntries(
      metricsOf(plan.model).map((metric) => {
        const { well, worn, noise } = METRICS[metric] as (typeof METRICS)[string];
        const wear = items.wearOf(plan.id, unit, metric);
        const value = round(well + (worn - well) * wear + noise * (random() - 0.5), 2);
        sent.set(identityOf(plan.id, unit, metric, ts, seq), value);
        return [metric, value];
      }),
    );
    return { ts, seq, ...(unit === '' ? {} : { unit }), values };
  };

  return {
    plan,
    sent,
    garbage,
    heardRepairs,
    topicOf,
    measure: () => {
      const readings = plan.units.map(reading);
      return message('telemetry', readings.length === 1 ? readings[0] : readings, `reading ${seq}`);
    },
    sayCode: (unit, code, active) => {
      // Readings alone are counted: how often a code is said depends on who mended what when.
      const said = { ts: clock(), seq, ...(unit === '' ? {} : { unit }), code, active };
      return message('fault', said, `${unit} ${code} ${active ? 'on' : 'off'}`);
    },
    sayStatus: (online) => message('status', { online, model: plan.model }, online ? 'online' : 'offline'),
    sayGarbage: () => {
      const payload = `{"ts":${clock()},"garbage":${garbage.length}`;
      garbage.push(payload);
      return message('telemetry', payload, 'garbage');
    },
    reboot: () => {
      seq = 0;
    },
    hear: (payload) => void heardRepairs.push(payload),
  };
};
