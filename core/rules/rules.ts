import { DEFAULT_ESCALATION, type Escalation } from './escalation.ts';
import { DEFAULTS, type Parameters } from './parameters.ts';

/** What an override changes: some fields of some sections. */
export type SomeParameters = { readonly [Section in keyof Parameters]?: Partial<Parameters[Section]> };

/** For what an override holds: everything that is named must be so; null is not named. */
export interface Match {
  readonly model: string | null;
  /** See `classOf` in core/fault/catalogue.ts. */
  readonly equipmentClass: string | null;
  readonly unit: string | null;
  readonly metric: string | null;
}

export interface Override {
  readonly match: Match;
  readonly detectors: SomeParameters;
}

/** Everything that a rules file says, with the defaults where it is silent: plain values, as they stand in the log. */
export interface Rules {
  readonly detectors: Parameters;
  /** Applied in order: a later one wins. */
  readonly overrides: readonly Override[];
  readonly escalation: Escalation;
}

export const DEFAULT_RULES: Rules = {
  detectors: DEFAULTS,
  overrides: [],
  escalation: DEFAULT_ESCALATION,
};
