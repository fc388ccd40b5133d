import type { Position } from '../crew/crew.ts';
import type { Online } from './status.ts';

export interface Site {
  readonly id: string;
  readonly name: string;
  /** Null until somebody entered it: then crews are asked without regard to the way. */
  readonly position: Position | null;
  /** IANA zone: shifts, months and rhythms are in it. */
  readonly timeZone: string;
}

/** Stands for a model that nobody entered, and that the machine did not name either. */
export const UNKNOWN_MODEL = 'unknown';

export interface Equipment {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly name: string;
  readonly online: Online;
  /** When `online` last changed, receive time. */
  readonly onlineAtMs: number | null;
  readonly firmware: string | null;
  readonly connectionId: string | null;
}
