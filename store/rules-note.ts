import type { Rules } from '../core/rules/rules.ts';
import type { Ledger } from './ledger.ts';

/**
 * What the ledger remembers of the rules: those that were told to the log last, and what was wrong with the file
 * when it was read last. Whoever does not read the log (desk, api, command line) learns them here.
 */
export interface RulesNote {
  /** The log that they were told to, and the record. */
  readonly log: string;
  readonly offset: number;
  readonly version: string;
  readonly rules: Rules;
  readonly toldAtMs: number;
  /** Where they came from; null: no file, the defaults. */
  readonly file: string | null;
  readonly warnings: readonly string[];
  /** The file says something else now that can't be: the rules above stay. */
  readonly refused: { readonly atMs: number; readonly errors: readonly string[] } | null;
}

const keyOf = (partition: number): string => `rules:${partition}`;

/** Null before the first start. */
export const rulesNote = async (
  { settings }: Pick<Ledger, 'settings'>,
  partition = 0,
): Promise<RulesNote | null> => {
  const text = await settings.get(keyOf(partition));
  return text === null ? null : (JSON.parse(text) as RulesNote);
};

export const putRulesNote = (
  { settings }: Pick<Ledger, 'settings'>,
  note: RulesNote,
  partition = 0,
): Promise<void> => settings.set(keyOf(partition), JSON.stringify(note));
