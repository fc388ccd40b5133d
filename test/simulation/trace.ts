/** What happened, line by line in virtual time: the same seed writes the same lines. */
export interface Trace {
  note(who: string, what: string): void;
  readonly lines: readonly string[];
}

const clockOf = (sinceMs: number): string => {
  const part = (ms: number, digits: number): string => String(Math.floor(ms)).padStart(digits, '0');
  return `${part(sinceMs / 3_600_000, 2)}:${part((sinceMs / 60_000) % 60, 2)}:${part((sinceMs / 1_000) % 60, 2)}.${part(sinceMs % 1_000, 3)}`;
};

export const newTrace = (startMs: number, now: () => number): Trace => {
  const lines: string[] = [];
  return { lines, note: (who, what) => lines.push(`${clockOf(now() - startMs)} ${who}: ${what}`) };
};
