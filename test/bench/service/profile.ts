import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The part of a Node CPU profile that is needed here (the Chrome DevTools format). */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** In it nothing runs. */
const IDLE = new Set(['(idle)', '(program)']);

const placeOf = (name: string, url: string): string => {
  if (name.startsWith('(')) return name;
  if (url.startsWith('node:')) return `node: ${url.slice(5).split('/')[0]}`;
  const path = url.replace('file://', '').replace(ROOT, '');
  const packaged = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  if (packaged) return `package ${packaged[1]}`;
  return path === '' ? 'native' : path.split('/').slice(0, 2).join('/');
};

/** Self time by folder or package, in seconds, the largest first; all profiles together. */
export const whereTimeGoes = (
  files: readonly string[],
): readonly { readonly place: string; readonly seconds: number }[] => {
  const byPlace = new Map<string, number>();
  for (const file of files) {
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    profile.samples.forEach((id, i) => {
      const node = nodes.get(id);
      if (!node || IDLE.has(node.callFrame.functionName)) return;
      const place = placeOf(node.callFrame.functionName, node.callFrame.url);
      byPlace.set(place, (byPlace.get(place) ?? 0) + (profile.timeDeltas[i] ?? 0) / 1e6);
    });
  }
  return [...byPlace].map(([place, seconds]) => ({ place, seconds })).sort((a, b) => b.seconds - a.seconds);
};
