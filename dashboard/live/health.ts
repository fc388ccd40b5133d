import { signal } from '@preact/signals';
import type { HealthCode, ReadinessView } from '../../api/contract/health.ts';

/** What is wrong with the service itself, as it said last; empty: nothing, or it can't be asked. */
export const healthCodes = signal<readonly HealthCode[]>([]);

const EVERY_MS = 15_000;
const TIMEOUT_MS = 20_000;

const look = async (): Promise<void> => {
  try {
    // Outside the API, and asked by load balancers too: what is wrong comes with 503.
    const response = await fetch('/readyz', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { codes } = (await response.json()) as ReadinessView;
    healthCodes.value = codes;
  } catch {
    // That the service is not reached, the live banner says.
    healthCodes.value = [];
  }
};

/** Asks how the service is, while somebody looks. Returns what ends it. */
export const followHealth = (): (() => void) => {
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking || document.visibilityState === 'hidden') return;
    isAsking = true;
    await look();
    isAsking = false;
  };
  void ask();
  const timer = setInterval(() => void ask(), EVERY_MS);
  const onVisible = (): void => void ask();
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
};
