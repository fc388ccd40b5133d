/** The truth about something that befell a part of a town and was no machine's wear. Unix ms, our time. */
export interface SceneRecord {
  readonly kind: string;
  /** What it befell: a feeder, a site, a machine, a model, or the region. */
  readonly where: string;
  readonly onsetMs: number;
  /** Null while it lasts, and where it stays. */
  readonly endMs: number | null;
  /** How bad it is: the share of the voltage that is left, mm of rain, K, seconds. */
  readonly size: number | null;
}

export type OpenScene = { -readonly [K in keyof SceneRecord]: SceneRecord[K] };
