/** The state of a part of which only one thing matters: how much of its life is used. */
export interface Ageing {
  /** 0 sound … 1 failed. */
  readonly progress: number;
  /** Progress that one cycle at rated stress adds; 0 while sound. */
  readonly rate: number;
}

const SOUND: Ageing = { progress: 0, rate: 0 };

export const sound = (): Ageing => SOUND;

export const beginAgeing = (ageing: Ageing, lifeCycles: number): Ageing => ({
  ...ageing,
  rate: (1 - ageing.progress) / lifeCycles,
});

export const afterAgeing = (ageing: Ageing, stress: number): Ageing =>
  ageing.rate === 0
    ? ageing
    : { rate: ageing.rate, progress: Math.min(1, ageing.progress + ageing.rate * stress) };
