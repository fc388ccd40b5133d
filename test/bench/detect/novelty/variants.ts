import { type Column, newColumn, type Surprise, surpriseOf } from '../../../../core/detect/novelty/column.ts';
import { newHabit, quieten, scoreOf } from '../../../../core/detect/novelty/habit.ts';

/** Scores of one series, with something left out of the detector. */
export type Variant = (times: readonly number[], values: readonly number[]) => number[];

interface Change {
  /** What is left of a surprise. */
  readonly total: (surprise: Surprise, column: Column) => number;
  readonly time?: (tsMs: number) => number;
  readonly hasHabit?: boolean;
}

const variant =
  ({ total, time = (tsMs) => tsMs, hasHabit = true }: Change): Variant =>
  (times, values) => {
    const column = newColumn();
    const habit = newHabit();
    return values.map((value, i) => {
      if (!hasHabit) habit.event = null;
      const surprise = surpriseOf(column, time(times[i] as number), value);
      const score = scoreOf(habit, total(surprise, column));
      if (surprise.widens) quieten(habit);
      return score;
    });
  };

/** What each part adds: the detector without it. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  whole: variant({ total: ({ total }) => total }),
  'without places': variant({ total: ({ total, place, weights }) => total - weights.place * place }),
  'without level': variant({
    total: ({ total, weights, level }) => total - weights.level * level,
  }),
  'without time of day': variant({ total: ({ total }) => total, time: () => 0 }),
  'without shape': variant({ total: ({ total, weights, shape }) => total - weights.shape * shape }),
  'without size': variant({ total: ({ total, weights, size }) => total - weights.shape * size }),
  'without shape and size': variant({
    total: ({ total, weights, shape, size }) => total - weights.shape * (shape + size),
  }),
  'fixed weights': variant({
    total: ({ place, level, shape, size }) => place + level + 0.5 * (shape + size),
  }),
  'places alone': variant({ total: ({ place }) => place }),
  'level alone': variant({ total: ({ level }) => level }),
  'shape and size alone': variant({ total: ({ shape, size }) => shape + size }),
  'without habituation': variant({ total: ({ total }) => total, hasHabit: false }),
};
