/**
 * Which of very many machines time alone can concern next. Each is noted once, never later than when it is due: one
 * whose time moved on is found too early, and noted anew. A tick costs what is due, not what is watched.
 */
export interface DueTimes {
  /** Ids by second. */
  readonly seconds: Map<number, Set<string>>;
  readonly atS: Map<string, number>;
  /** Every second up to here was looked at. */
  doneS: number;
}

const SECOND_MS = 1_000;

export const newDueTimes = (): DueTimes => ({ seconds: new Map(), atS: new Map(), doneS: 0 });

/** Notes that `id` is due at this time, or keeps an earlier note. Infinity: nothing awaits it. */
export const noteDue = (due: DueTimes, id: string, atMs: number): void => {
  if (atMs === Number.POSITIVE_INFINITY) return;
  const second = Math.floor(atMs / SECOND_MS);
  const known = due.atS.get(id);
  if (known !== undefined) {
    if (known <= second) return;
    due.seconds.get(known)?.delete(id);
  }
  due.atS.set(id, second);
  due.doneS = Math.min(due.doneS, second - 1);
  const ids = due.seconds.get(second);
  if (ids) ids.add(id);
  else due.seconds.set(second, new Set([id]));
};

const secondsUpTo = ({ seconds, doneS }: DueTimes, nowS: number): readonly number[] => {
  if (nowS - doneS > seconds.size) return [...seconds.keys()].filter((second) => second <= nowS);
  const list: number[] = [];
  for (let second = doneS + 1; second <= nowS; second++) if (seconds.has(second)) list.push(second);
  return list;
};

/** Takes out what may be due by now. Whoever is not yet must be noted again. */
export const takeDue = (due: DueTimes, nowMs: number): readonly string[] => {
  const nowS = Math.floor(nowMs / SECOND_MS);
  const ids: string[] = [];
  for (const second of secondsUpTo(due, nowS)) {
    for (const id of due.seconds.get(second) ?? []) {
      ids.push(id);
      due.atS.delete(id);
    }
    due.seconds.delete(second);
  }
  due.doneS = Math.max(due.doneS, nowS);
  return ids;
};
