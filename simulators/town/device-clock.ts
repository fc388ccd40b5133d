/** The clock of one machine: right, until something sets it wrong. Times are Unix ms. */
export interface DeviceClock {
  readonly isRight: boolean;
  /** What it shows at this instant. */
  told(atMs: number): number;
  /** It jumps by so much. */
  jump(byMs: number): void;
  /** From now on it runs wrong: so many ms an hour. */
  run(atMs: number, msPerHour: number): void;
  /** Somebody, or a time server, sets it. */
  set(): void;
}

const HOUR_MS = 3_600_000;

export const createDeviceClock = (): DeviceClock => {
  let offMs = 0;
  let sinceMs = 0;
  let msPerHour = 0;
  const told = (atMs: number): number =>
    Math.round(atMs + offMs + (Math.max(0, atMs - sinceMs) / HOUR_MS) * msPerHour);
  return {
    get isRight() {
      return offMs === 0 && msPerHour === 0;
    },
    told,
    jump: (byMs) => {
      offMs += byMs;
    },
    run: (atMs, to) => {
      offMs = told(atMs) - atMs;
      sinceMs = atMs;
      msPerHour = to;
    },
    set: () => {
      offMs = 0;
      msPerHour = 0;
    },
  };
};
