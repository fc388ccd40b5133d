/** A motor gives its heat away with this time constant. */
const COOLING_MS = 20 * 60_000;

/** What is left of the heat of earlier motions, with this one's added; °C above ambient. */
export const createWarmth = (): ((pauseMs: number, addedC: number) => number) => {
  let riseC = 0;
  return (pauseMs, addedC) => {
    riseC = riseC * Math.exp(-pauseMs / COOLING_MS) + addedC;
    return riseC;
  };
};
