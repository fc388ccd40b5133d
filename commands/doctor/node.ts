import product from '../../package.json' with { type: 'json' };
import { type Finding, fail, ok, warn } from '../finding.ts';

/** The oldest that has what is used of it. */
const OLDEST_MAJOR = 24;
const MEND = "start it as npx precall after npm install: that takes the project's own Node";

/** The version of the package that npm puts on the PATH here, by system and processor; null: there is none. */
export const pinnedNode = (
  system: string,
  processor: string,
  packages: Readonly<Record<string, string>>,
): string | null => {
  const names = new Set([system, system === 'win32' ? 'win' : system].map((name) => `${name}-${processor}`));
  const found = Object.entries(packages).find(([name]) => [...names].some((end) => name.endsWith(end)));
  return found?.[1] ?? null;
};

export const judgeNode = (version: string, pinned: string | null): Finding => {
  const major = Number(version.split('.')[0]);
  if (major < OLDEST_MAJOR) return fail('node', `runs on Node ${version}, needs ${OLDEST_MAJOR}`, MEND);
  if (pinned === null) return ok('node', `Node ${version}; none is pinned for this system`);
  return version === pinned
    ? ok('node', `Node ${version}, as pinned`)
    : warn('node', `Node ${version}, pinned is ${pinned}`, MEND);
};

export const checkNode = (): Finding =>
  judgeNode(process.versions.node, pinnedNode(process.platform, process.arch, product.optionalDependencies));
