import type { Run } from '../simulate.ts';
import type { Found } from './found.ts';

/** What does not hold, in words that name it; empty when all is well. */
export type Findings = readonly string[];

export type Check = (run: Run, found: Found) => Findings | Promise<Findings>;

const SHOWN = 5;

/** The first few of many, and how many there are. */
export const some = (what: string, items: readonly string[]): Findings =>
  items.length === 0
    ? []
    : [`${what} (${items.length}): ${items.slice(0, SHOWN).join('; ')}${items.length > SHOWN ? '; …' : ''}`];
