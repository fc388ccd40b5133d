import type { Alert } from '../../core/alert/alert.ts';
import type { Health, Online } from '../../core/equipment/status.ts';

const RANK: Readonly<Record<Health, number>> = { down: 0, due: 1, watch: 2, normal: 3, unknown: 4 };

/** Values this young speak for a machine that never said whether it is online. */
const FRESH_MS = 15 * 60_000;

/** A trend foretells: service is not lost yet, somebody should come before it is. */
const isForetold = ({ evidence }: Alert): boolean =>
  evidence.detector.name === 'drift' || evidence.detector.name === 'level-shift';

const ofAlert = (alert: Alert): Health => {
  if (alert.severity === 'watch') return 'watch';
  return alert.severity === 'S3' || isForetold(alert) ? 'due' : 'down';
};

/**
 * The worst of the active alerts. Without any, a machine is normal only while it is heard:
 * silence is not health.
 */
export const healthOf = (
  machine: { readonly online: Online; readonly lastHeardAtMs: number | null },
  active: readonly Alert[],
  nowMs: number,
): Health => {
  const [worst] = active.map(ofAlert).sort((a, b) => RANK[a] - RANK[b]);
  if (worst) return worst;
  const isHeard = machine.lastHeardAtMs !== null && nowMs - machine.lastHeardAtMs <= FRESH_MS;
  return machine.online === 'online' || isHeard ? 'normal' : 'unknown';
};
