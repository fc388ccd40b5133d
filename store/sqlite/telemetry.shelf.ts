import { holdsDerived, isDerived } from '../../core/telemetry/derived.ts';
import type { Reading } from '../../core/telemetry/reading.ts';

/** Derived series lie apart, under a name that no equipment can have: they are no readings of the machine. */
const apart = (equipment: string): string => `${equipment}#derived`;

/** Under which name a series of the equipment lies; without a metric, what the machine measured. */
export const shelfOf = (equipment: string, metric?: string | undefined): string =>
  metric !== undefined && isDerived(metric) ? apart(equipment) : equipment;

export const shelfOfReading = (reading: Reading): string =>
  holdsDerived(reading) ? apart(reading.equipment) : reading.equipment;
