import { InvalidArgumentError } from 'commander';
import type { Trouble } from '../simulators/load/troubles.ts';

export type Scenario = 'steady' | 'wear' | 'town' | Trouble;

/** What `precall simulate` was asked for. Durations in ms, rates in readings per second. */
export interface Options {
  readonly url: string;
  readonly equipment?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly seed: number;
  /** Default: `town` where `--town` is given, else `steady`. */
  readonly scenario?: Scenario;
  readonly town?: string;
  readonly truth?: string;
  readonly secrets?: string;
  readonly json?: boolean;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const duration = (text: string): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(ms > 0))
    throw new InvalidArgumentError('give a number and a unit, such as 500ms, 60s, 5m, 2h or 1d.');
  return ms;
};

export const whole = (text: string, least: number, most: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most || text.trim() === '') {
    throw new InvalidArgumentError(`give a whole number from ${least} to ${most}.`);
  }
  return value;
};

export const rate = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 1e6))
    throw new InvalidArgumentError('give readings per second, up to 1000000.');
  return value;
};

export const mqttUrl = (text: string): string => {
  const url = URL.parse(text);
  if (!url || !['mqtt:', 'mqtts:'].includes(url.protocol) || url.hostname === '') {
    throw new InvalidArgumentError('give it as mqtt://HOST:PORT or mqtts://HOST:PORT.');
  }
  // A password in a URL would end up in messages; machines have secrets of their own.
  if (url.username || url.password)
    throw new InvalidArgumentError('leave user and password out; use --secrets FILE.');
  return text;
};
