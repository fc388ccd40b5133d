/** A paper from the service: which item of which unit was repaired, and when. Never a command. */
export interface Repair {
  readonly component: string;
  /** `''`: the whole machine. */
  readonly unit: string;
  readonly repairedAtMs: number;
}

const atMs = (value: unknown): number =>
  typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;

/** Null for anything that is not a repair. */
export const parseRepair = (payload: Uint8Array): Repair | null => {
  let paper: unknown;
  try {
    paper = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return null;
  }
  if (typeof paper !== 'object' || paper === null) return null;
  const { component, unit, repairedAt } = paper as Record<string, unknown>;
  const repairedAtMs = atMs(repairedAt);
  if (typeof component !== 'string' || !Number.isFinite(repairedAtMs)) return null;
  return { component, unit: typeof unit === 'string' ? unit : '', repairedAtMs };
};

/** Tells new repairs from ones already applied: papers come again with every subscription. */
export const createRepairLog = (): { isNew(repair: Repair): boolean } => {
  const LIMIT = 1_000;
  const applied = new Map<string, number>();
  return {
    isNew: ({ component, unit, repairedAtMs }) => {
      const key = `${unit}/${component}`;
      if (repairedAtMs <= (applied.get(key) ?? Number.NEGATIVE_INFINITY)) return false;
      applied.delete(key);
      applied.set(key, repairedAtMs);
      for (const oldest of applied.keys()) {
        if (applied.size <= LIMIT) break;
        applied.delete(oldest);
      }
      return true;
    },
  };
};
