import { Failure } from './failure.ts';

/** What one check of `verify` or `doctor` found. */
export interface Finding {
  /** A word or two: what was looked at. */
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** What is so. */
  readonly detail: string;
  /** What to do; with every `warn` and `fail`. */
  readonly mend?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail });
export const warn = (check: string, detail: string, mend: string): Finding => ({
  check,
  state: 'warn',
  detail,
  mend,
});
export const fail = (check: string, detail: string, mend: string): Finding => ({
  check,
  state: 'fail',
  detail,
  mend,
});

/** Text of others may hold line breaks; a finding is one line. */
const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();

export const findingLine = ({ check, state, detail, mend }: Finding): string =>
  oneLine(`${state.padEnd(5)}${check.padEnd(12)}${detail}${mend === undefined ? '' : `; ${mend}`}`);

/** One line each, or one JSON line for all. */
export const printFindings = (findings: readonly Finding[], json: boolean | undefined): void => {
  if (json) {
    console.log(JSON.stringify({ ok: !findings.some(({ state }) => state === 'fail'), checks: findings }));
    return;
  }
  for (const finding of findings) console.log(findingLine(finding));
};

/** @throws Failure that names the first one that failed */
export const demand = (findings: readonly Finding[]): void => {
  const failed = findings.filter(({ state }) => state === 'fail');
  const [first] = failed;
  if (first === undefined) return;
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  throw new Failure(oneLine(`${first.detail}; ${first.mend}${more}`));
};
