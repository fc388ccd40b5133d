import { isDerived } from '../../core/telemetry/derived.ts';

/** Derived series lie apart, under a name that no equipment can have: they are no readings of the machine. */
const APART = '#derived';

/** Under which name a series of the equipment lies; without a metric, what the machine measured. */
export const shelfOf = (equipment: string, metric?: string | undefined): string =>
  metric !== undefined && isDerived(metric) ? `${equipment}${APART}` : equipment;
