import type { Random } from '../../simulators/random/stream.ts';

/** Everything that a seed decides before the run: the town, what breaks in it, and what goes wrong around it. */
export interface Plan {
  readonly seed: number;
  /** Ten seeds share a town and what breaks in it; what goes wrong around it, and what people do, is each one's own. */
  readonly town: number;
  readonly clients: readonly ClientPlan[];
  readonly episodes: readonly Episode[];
  readonly disturbances: Disturbances;
}

/** One MQTT client: a machine, or a gateway that speaks for several. */
export interface ClientPlan {
  readonly id: string;
  readonly machines: readonly MachinePlan[];
}

export interface MachinePlan {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly units: readonly string[];
  /** Between two messages. */
  readonly everyMs: number;
  /** Its clock against ours. */
  readonly skewMs: number;
  /** When it starts anew, and counts from 1 again. */
  readonly rebootsAtMs: readonly number[];
  /** Payloads that are no readings. */
  readonly garbageAtMs: readonly number[];
}

/** Something breaks, and stays broken until a crew mends it, unless it goes by itself. */
export interface Episode {
  readonly id: string;
  readonly equipment: string;
  readonly unit: string;
  readonly component: string;
  readonly kind: 'code' | 'wear' | 'blip';
  /** The fault code, or the metric that shows the wear. */
  readonly sign: string;
  readonly onsetMs: number;
  /** Of a wear: until it is beyond its limit. Of a blip: until it is over. */
  readonly forMs: number;
  /** The controller never says that the code is off. */
  readonly forgetful: boolean;
}

export type PartName = 'edge' | 'recorder' | 'watcher' | 'desk' | 'messenger' | 'api';
export const PARTS: readonly PartName[] = ['edge', 'recorder', 'watcher', 'desk', 'messenger', 'api'];
export type StoreName = 'ledger' | 'log' | 'telemetry';

/** A part dies at a step: the call after `skip` others of its kind, from `atMs` on; before or after its effect. */
export interface Crash {
  readonly part: PartName;
  readonly atMs: number;
  readonly skip: number;
  /** `work`: what tells somebody something; not the small talk of cursors, ticks and leases. */
  readonly calls: 'any' | 'effects' | 'commits' | 'work' | 'appends';
  readonly when: 'before' | 'after';
  readonly restartMs: number;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Disturbances {
  readonly crashes: readonly Crash[];
  /** All parts die at once and stay down. */
  readonly downs: readonly Window[];
  readonly outages: readonly (Window & { readonly store: StoreName })[];
  /** A client has no network. */
  readonly offline: readonly (Window & { readonly client: string })[];
  /** A connection is lost; the broker notices so much later. */
  readonly flaps: readonly { readonly client: string; readonly atMs: number; readonly noticeMs: number }[];
  /** No tick is written. */
  readonly tickless: readonly Window[];
  /** Chances per message. */
  readonly net: {
    readonly delayMs: number;
    readonly straggler: number;
    readonly duplicate: number;
    readonly lostAck: number;
  };
  /** Chance that a call to a store takes its time. */
  readonly slowCall: number;
  /** Chance that a button is pressed twice. */
  readonly impatient: number;
  /** Chance that a receiver of notices fails, or that its answer is lost. */
  readonly deaf: number;
  /** A client that dies for good while the service is down, so that nobody sees it go; who looks, when it is back. */
  readonly gone: { readonly client: string; readonly atMs: number; readonly lookAtMs: number } | null;
}

/** So long after the service is back, what it shows is looked at. */
export const LOOK_AFTER_MS = 600_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** 2026-03-02, a Monday. */
export const START_MS = Date.parse('2026-03-02T00:00:00Z');
/** Second episodes of an item begin here: by then the first has long been mended, whatever went wrong. */
export const SECOND_MS = START_MS + 16 * HOUR_MS;
export const END_MS = START_MS + 25 * HOUR_MS;

export const between = (random: Random, low: number, high: number): number =>
  Math.round(low + (high - low) * random());
export const times = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));
