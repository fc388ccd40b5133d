import { roomAmbientC } from '../calendar/ambient.ts';
import { localClock } from '../calendar/local.ts';
import type { BareMachine, Emission, OpenWear, Tempo } from '../machine.ts';
import { uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import { mends, openWear } from '../truth/record.ts';
import { aircon } from './aircon.ts';
import { fridge } from './fridge.ts';
import { kettle, oven, ricecooker } from './heating.ts';
import type { ApplianceKind, StepResult } from './kind.ts';
import { washer } from './washer.ts';

/** The classes of catalogue/classes.json that are simulated here. */
export const APPLIANCES: Readonly<Record<string, ApplianceKind>> = {
  fridge,
  aircon,
  washer,
  oven,
  ricecooker,
  kettle,
};

export interface ApplianceOptions {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly timeZone: string;
  readonly kind: ApplianceKind;
  readonly seed: number;
  readonly fromMs: number;
}

const EVERY_MS: readonly [number, number] = [6.5 * 60_000, 8.5 * 60_000];
const HOURS_PER_STEP = 7.5 / 60;

interface OwnWear {
  readonly record: OpenWear;
  readonly lifeCycles: number;
  progress: number;
}

export const createAppliance = (options: ApplianceOptions): BareMachine => {
  const { id, seed, kind } = options;
  const clock = localClock(options.timeZone);
  const appliance = kind.create(stream(seed, `${id}/build`));
  const noise = stream(seed, `${id}/noise`);
  const rhythm = stream(seed, `${id}/rhythm`);
  const people = stream(seed, `${id}/people`);
  const wears = new Map<string, OwnWear>();
  let tempo: Tempo = { kind: 'clock' };
  let nextMs = options.fromMs + Math.round(uniform(rhythm, 0, EVERY_MS[1]));
  let code: string | null = null;

  const pauseMs = (): number =>
    Math.max(1, Math.round(uniform(rhythm, ...(tempo.kind === 'fast' ? tempo.pauseMs : EVERY_MS))));

  /** Fast motion lives in the busiest hour, so that at night too there is something to see. */
  const wanted = (hour: number) => (perHour: readonly number[]) => {
    const rate = tempo.kind === 'fast' ? Math.max(...perHour) : (perHour[Math.floor(hour)] ?? 0);
    return people() < 1 - Math.exp(-rate * HOURS_PER_STEP);
  };

  const wearOut = (cycles: StepResult['cycles'], atMs: number): Emission[] => {
    for (const [mechanism, wear] of wears) {
      wear.progress = Math.min(1, wear.progress + (cycles[mechanism] ?? 0) / wear.lifeCycles);
      if (wear.progress < 1 || code !== null) continue;
      wear.record.failureMs = atMs;
      code = wear.record.code;
      const detail = kind.wears[mechanism]?.detail ?? '';
      return [{ kind: 'fault', tsMs: atMs, unit: '', code, active: true, detail }];
    }
    return [];
  };

  const step = (forcedMs?: number): readonly Emission[] => {
    const atMs = forcedMs ?? nextMs;
    nextMs = atMs + pauseMs();
    const time = clock(atMs);
    // A protection that has tripped switches the machine off: it still talks, and says that it takes no power.
    if (code !== null) return [{ kind: 'reading', tsMs: atMs, unit: '', values: { powerW: 0 } }];
    const { values, cycles } = appliance.step({
      ambientC: roomAmbientC(time),
      hour: time.hour,
      wanted: wanted(time.hour),
      worn: (mechanism) => wears.get(mechanism)?.progress ?? 0,
      random: noise,
    });
    return [{ kind: 'reading', tsMs: atMs, unit: '', values }, ...wearOut(cycles, atMs)];
  };

  return {
    id,
    site: options.site,
    model: options.model,
    firmware: kind.firmware,
    units: [''],
    mechanisms: Object.keys(kind.wears),
    nextAtMs: () => nextMs,
    step,
    setTempo: (to, atMs) => {
      tempo = to;
      nextMs = atMs + Math.round(uniform(rhythm, 0, to.kind === 'fast' ? to.pauseMs[1] : EVERY_MS[1]));
    },
    begin: (order, atMs) => {
      const wear = kind.wears[order.mechanism];
      if (order.unit !== '') throw new Error(`${id} has no unit ${order.unit}; an appliance has none`);
      if (!wear)
        throw new Error(
          `${id} knows no wear ${order.mechanism}; it knows ${Object.keys(kind.wears).join(', ')}`,
        );
      if (wears.has(order.mechanism) || code !== null) return null;
      const record = openWear(id, order, wear.items[0], wear.code, atMs);
      wears.set(order.mechanism, { record, lifeCycles: order.lifeCycles, progress: 0 });
      return record;
    },
    repair: (unit, component, repairedMs, nowMs) => {
      if (unit !== '') return [];
      const fallen: Emission[] = [];
      for (const [mechanism, { record }] of wears) {
        if (!mends(record, kind.wears[mechanism]?.items ?? [], component, repairedMs)) continue;
        record.repairedMs = repairedMs;
        wears.delete(mechanism);
        if (record.failureMs === null || code !== record.code) continue;
        code = null;
        fallen.push({ kind: 'fault', tsMs: nowMs, unit: '', code: record.code, active: false, detail: '' });
      }
      return fallen;
    },
  };
};
