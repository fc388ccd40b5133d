import { type Finding, fail } from '../finding.ts';

/** How long a check may take. */
export const LIMIT_MS = 6_000;

/** All that touches the disk together: a process of its own must start first, perhaps on a machine that is busy. */
export const DISK_LIMIT_MS = 10_000;

/** What a check finds, or that it found nothing in time; never rejects, never takes longer than `limitMs`. */
export const withinLimit = async (
  check: string,
  run: () => Promise<readonly Finding[]>,
  limitMs = LIMIT_MS,
): Promise<readonly Finding[]> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(
      () =>
        resolve([
          fail(
            check,
            `no answer within ${limitMs / 1_000} s`,
            'see whether it hangs, and whether a firewall stands between',
          ),
        ]),
      limitMs,
    );
  });
  const found = run().catch((cause: Error) => [
    fail(check, cause.message, 'mend what it says, then run precall doctor again'),
  ]);
  return Promise.race([found, late]).finally(() => clearTimeout(timer));
};
