import { type Check, some } from './check.ts';

/**
 * An alert shows the readings that led to it oldest first, whatever overtook what on the way: so the detectors met
 * each machine's readings in the order in which it measured them.
 */
export const evidenceInOrder: Check = (_, { alerts }) =>
  some(
    'alerts whose readings are not in the order of their time',
    alerts.flatMap(({ id, equipment, unit, rule, evidence: { window, sample } }) => {
      const times = sample?.tsMs ?? [];
      const isInOrder = times.every((tsMs, i) => tsMs >= (times[i - 1] ?? 0));
      return isInOrder && window.fromMs <= window.toMs ? [] : [`${id} (${equipment} ${unit} ${rule})`];
    }),
  );
