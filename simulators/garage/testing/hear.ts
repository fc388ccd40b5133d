import { readFileSync } from 'node:fs';
import type { Emission, Machine, SentFault, SentReading } from '../../machine.ts';

export interface KnownSignal {
  readonly metric: string;
  readonly item: string;
  readonly limits?: readonly { readonly side: 'high' | 'low'; readonly at: number }[];
}

export interface KnownFault {
  readonly code: string;
  readonly item: string;
  readonly severity: string;
  readonly response: string;
}

const catalogue = <T>(file: string): readonly T[] =>
  JSON.parse(readFileSync(new URL(`../../../catalogue/${file}.json`, import.meta.url), 'utf8'));

export const SIGNALS: ReadonlyMap<string, KnownSignal> = new Map(
  catalogue<KnownSignal>('signals').map((signal) => [signal.metric, signal]),
);
export const FAULTS: ReadonlyMap<string, KnownFault> = new Map(
  catalogue<KnownFault>('faults').map((fault) => [fault.code, fault]),
);

/** Lets a machine live, by whatever tempo it has, and hears what it says. */
export const live = (machine: Machine, untilMs: number): Emission[] => {
  const said: Emission[] = [];
  while (machine.nextAtMs() <= untilMs) said.push(...machine.step());
  return said;
};

export const readings = (said: readonly Emission[], unit?: string): SentReading[] =>
  said.filter((one) => one.kind === 'reading').filter((one) => unit === undefined || one.unit === unit);

export const faults = (said: readonly Emission[]): SentFault[] => said.filter((one) => one.kind === 'fault');

export const valuesOf = (said: readonly Emission[], unit: string, metric: string): number[] =>
  readings(said, unit).flatMap(({ values }) => values[metric] ?? []);

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
