import type { Place } from '../core/detect/announce.ts';

/**
 * How events were numbered, of equipment that raised some and is not saved since: by equipment, in order, the record
 * and the number of the first of those that it raised at once.
 *
 * One record can make many machines raise something (a tick, other rules), and their events are numbered over all. After
 * a restart only those that are not saved are told it again: their events, and the alerts that are named after them,
 * must get the numbers that they had.
 */
export type Raised = Map<string, (readonly [offset: number, index: number])[]>;

export const noteRaised = (raised: Raised, id: string, offset: number, index: number): void => {
  const known = raised.get(id);
  if (known) known.push([offset, index]);
  else raised.set(id, [[offset, index]]);
};

/** The equipment is saved as it is after the record `upTo`. */
export const forgetRaised = (raised: Raised, id: string, upTo: number): void => {
  const later = (raised.get(id) ?? []).filter(([offset]) => offset > upTo);
  if (later.length > 0) raised.set(id, later);
  else raised.delete(id);
};

/** Numbers events of a record that is told again. */
export interface Renumbering {
  /** To be called before the equipment is told something. */
  begin(id: string): void;
  /** It raised something. */
  raised(id: string): void;
}

export const renumbering = (raised: Raised, place: Place): Renumbering => {
  const used = new Map<string, number>();
  return {
    begin: (id) => {
      const here = raised.get(id)?.filter(([offset]) => offset === place.offset);
      place.nextIndex = here?.[used.get(id) ?? 0]?.[1] ?? place.nextIndex;
    },
    raised: (id) => void used.set(id, (used.get(id) ?? 0) + 1),
  };
};
