import { signal } from '@preact/signals';
import type { CrewView } from '../../api/contract/schemas.ts';
import { all, type Failure } from '../client/http.ts';

const MAX_CREWS = 1_000;

export const crews = signal<ReadonlyMap<string, CrewView>>(new Map());
export const crewsState = signal<'idle' | 'loading' | 'ready' | Failure>('idle');

/** Loads the crews once; a failure is tried again by the next who asks. */
export const loadCrews = async (): Promise<void> => {
  const state = crewsState.peek();
  if (state === 'loading' || state === 'ready') return;
  crewsState.value = 'loading';
  const list = await all<CrewView>('/crews', {}, MAX_CREWS);
  if (list.ok) {
    crews.value = new Map(list.value.items.map((crew) => [crew.id, crew]));
    crewsState.value = 'ready';
  } else crewsState.value = list.failure;
};

export const crewName = (id: string): string => crews.value.get(id)?.name ?? id;
