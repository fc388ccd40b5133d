import { type Episode, MINUTE_MS } from '../plan.ts';

/** What is broken in the town, by what was planned and what crews have mended since. */
export interface Items {
  /** Codes of a unit that are on now. */
  codesOn(equipment: string, unit: string): readonly string[];
  /** From 0 (as new) to 1 and more (beyond its limit), by metric. */
  wearOf(equipment: string, unit: string, metric: string): number;
  /** A crew has worked on it. */
  mend(equipment: string, unit: string, component: string): void;
  /** Episodes that nobody has mended and that did not go by themselves. */
  broken(): readonly Episode[];
  /** Told when a code goes on or off; a controller that forgets its codes tells nothing. */
  onCode(listener: (code: { readonly episode: Episode; readonly active: boolean }) => void): void;
}

export interface ItemsOptions {
  readonly episodes: readonly Episode[];
  readonly now: () => number;
  readonly after: (atMs: number, work: () => void) => void;
}

export const createItems = ({ episodes, now, after }: ItemsOptions): Items => {
  const mended = new Set<string>();
  const listeners: Parameters<Items['onCode']>[0][] = [];
  const tell = (episode: Episode, active: boolean): void => {
    for (const listener of listeners) listener({ episode, active });
  };
  const isOn = (episode: Episode): boolean => {
    const { id, kind, onsetMs, forMs } = episode;
    if (mended.has(id) || now() < onsetMs) return false;
    return kind !== 'blip' || now() < onsetMs + forMs;
  };
  for (const episode of episodes) {
    if (episode.kind === 'wear') continue;
    after(episode.onsetMs, () => tell(episode, true));
    if (episode.kind === 'blip')
      after(episode.onsetMs + episode.forMs, () => {
        if (!mended.has(episode.id)) tell(episode, false);
      });
  }
  const of = (equipment: string, unit: string): readonly Episode[] =>
    episodes.filter((episode) => episode.equipment === equipment && episode.unit === unit && isOn(episode));
  return {
    codesOn: (equipment, unit) =>
      of(equipment, unit).flatMap(({ kind, sign }) => (kind === 'wear' ? [] : [sign])),
    wearOf: (equipment, unit, metric) => {
      const worn = of(equipment, unit).find(({ kind, sign }) => kind === 'wear' && sign === metric);
      // Past its limit it gets no worse: a crew that comes late finds the same.
      return worn ? Math.min(1.25, (now() - worn.onsetMs) / worn.forMs) : 0;
    },
    mend: (equipment, unit, component) => {
      for (const episode of of(equipment, unit)) {
        if (episode.component !== component) continue;
        mended.add(episode.id);
        if (episode.kind === 'wear') continue;
        // The power is off while it is mended: some controllers come back without a word.
        if (!episode.forgetful) after(now() + MINUTE_MS / 2, () => tell(episode, false));
      }
    },
    broken: () => episodes.filter((episode) => episode.kind !== 'blip' && isOn(episode)),
    onCode: (listener) => void listeners.push(listener),
  };
};
