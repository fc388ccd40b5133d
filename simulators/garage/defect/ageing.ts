import type { Effects } from '../effect.ts';
import { type Ageing, afterAgeing, beginAgeing, sound } from '../wear/ageing.ts';
import type { Stress } from '../wear/stress.ts';
import { type AnyDefect, hidden, type WearsIn } from './defect.ts';

interface AgeingDefect {
  readonly component: string;
  readonly codes: readonly string[];
  readonly precursor: string;
  readonly wearsIn?: WearsIn;
  /** What one cycle takes, as a multiple of what a cycle at rated load takes. */
  readonly stress: (stress: Stress) => number;
  /** `used`: 0 sound … 1 failed. */
  readonly affect: (used: number, effects: Effects) => void;
}

/** A defect of which only one thing matters: how much of the part's life is used. */
export const ageing = ({ stress, affect, wearsIn = 'any', ...rest }: AgeingDefect): AnyDefect =>
  hidden<Ageing>({
    ...rest,
    wearsIn,
    fresh: sound,
    begin: beginAgeing,
    after: (state, at, part) => afterAgeing(state, part * stress(at)),
    share: ({ progress }) => progress,
    affect: ({ progress }, effects) => {
      if (progress > 0) affect(progress, effects);
    },
  });
