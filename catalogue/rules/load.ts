import { readFile, stat } from 'node:fs/promises';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import { DEFAULT_RULES, type Rules } from '../../core/rules/rules.ts';
import type { Finding } from './page.ts';
import { readRules } from './read.ts';
import { rulesVersion } from './version.ts';

/** What a rules file says now. Findings are lines `FILE:LINE:COLUMN: what`; `rules` is null where there are errors. */
export interface LoadedRules {
  readonly version: string | null;
  readonly rules: Rules | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** A log record, and an answer of the API, hold all of it. */
export const MAX_FILE_BYTES = 256 * 1024;
/** Findings of a kind that are told; the ledger and the API hold them, too. */
export const MAX_FINDINGS = 100;

const failed = (error: string): LoadedRules => ({
  version: null,
  rules: null,
  errors: [error],
  warnings: [],
});

const mendOf = (code: string | undefined): string =>
  code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (code ?? 'unreadable');

/** Reads and checks the file; null: no file, the defaults. Never rejects: what is wrong is in `errors`. */
export const loadRules = async (path: string | null, catalogue: Catalogue): Promise<LoadedRules> => {
  if (path === null)
    return { version: rulesVersion(DEFAULT_RULES), rules: DEFAULT_RULES, errors: [], warnings: [] };
  let content: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      return failed(`${path}: has ${size} bytes, at most ${MAX_FILE_BYTES} are read`);
    content = await readFile(path);
  } catch (cause) {
    return failed(`${path}: can't be read: ${mendOf((cause as NodeJS.ErrnoException).code)}`);
  }
  const { rules, errors, warnings } = readRules(content.toString('utf8'), catalogue);
  const line = (finding: Finding): string => `${path}:${finding.line}:${finding.column}: ${finding.text}`;
  const told = (findings: readonly Finding[]): readonly string[] => {
    const lines = findings.slice(0, MAX_FINDINGS).map(line);
    const more = findings.length - lines.length;
    return more > 0 ? [...lines, `${path}: and ${more} more like these`] : lines;
  };
  return {
    version: rules === null ? null : rulesVersion(rules),
    rules,
    errors: told(errors),
    warnings: told(warnings),
  };
};

/** Changes whenever the file does; null where it can't be looked at. */
export const rulesStamp = async (path: string): Promise<string | null> => {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs}|${size}|${ino}`;
  } catch {
    return null;
  }
};
