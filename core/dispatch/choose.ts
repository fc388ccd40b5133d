import type { Crew, Position } from '../crew/crew.ts';
import { onShift } from '../crew/shift.ts';
import { travelMs } from './travel.ts';

/** Why a crew is not asked. */
export type Exclusion = 'inactive' | 'not-qualified' | 'off-shift' | 'busy' | 'already-asked';

export interface Candidate {
  readonly crew: string;
  /** Null where nobody entered the position of the site. */
  readonly travelMs: number | null;
}

export interface Choice {
  /** Nearest first. */
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly { readonly crew: string; readonly reason: Exclusion }[];
}

const exclusion = (
  crew: Crew,
  job: { readonly equipmentClass: string; readonly asked: readonly string[] },
  busy: ReadonlyMap<string, number>,
  nowMs: number,
): Exclusion | null => {
  if (!crew.active) return 'inactive';
  if (!crew.skills.includes(job.equipmentClass)) return 'not-qualified';
  if (!onShift(crew, nowMs)) return 'off-shift';
  if ((busy.get(crew.id) ?? 0) > 0) return 'busy';
  if (job.asked.includes(crew.id)) return 'already-asked';
  return null;
};

/**
 * The crews that can be asked, nearest by travel time first (equal: by id), and why the others can't.
 * A crew with a job under way is busy: nobody is booked twice.
 */
export const chooseCrew = (
  job: {
    readonly equipmentClass: string;
    readonly position: Position | null;
    readonly asked: readonly string[];
  },
  crews: readonly Crew[],
  busy: ReadonlyMap<string, number>,
  nowMs: number,
): Choice => {
  const candidates: Candidate[] = [];
  const excluded: { crew: string; reason: Exclusion }[] = [];
  for (const crew of crews) {
    const reason = exclusion(crew, job, busy, nowMs);
    if (reason) excluded.push({ crew: crew.id, reason });
    else candidates.push({ crew: crew.id, travelMs: job.position && travelMs(crew.position, job.position) });
  }
  candidates.sort((a, b) => (a.travelMs ?? 0) - (b.travelMs ?? 0) || (a.crew < b.crew ? -1 : 1));
  return { candidates, excluded };
};

/**
 * Why nobody can be asked. `all-asked` goes first: a crew that let its time pass is free, and worth asking again
 * while the others are busy or off.
 */
export const whyNobody = (
  choice: Choice,
): 'all-asked' | 'all-busy' | 'off-shift' | 'nobody-qualified' | 'no-crews' => {
  if (choice.excluded.length === 0) return 'no-crews';
  const has = (reason: Exclusion): boolean => choice.excluded.some((crew) => crew.reason === reason);
  if (has('already-asked')) return 'all-asked';
  if (has('busy')) return 'all-busy';
  return has('off-shift') ? 'off-shift' : 'nobody-qualified';
};
