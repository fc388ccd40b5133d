import { map, type OperatorFunction } from 'rxjs';
import { isPersons } from '../core/equipment/connection.ts';
import { type Batch, mapItems } from './batch.ts';
import type { Decoded } from './decode.ts';

/**
 * What people measured is stored, but not judged: it shows neither that the machine is online nor how far its
 * clock has come. One item out for each in, in the same turn; keeps no state.
 */
export const machinesOnly = (): OperatorFunction<Batch<Decoded>, Batch<Decoded>> =>
  map((batch) =>
    mapItems(
      batch,
      (item): Decoded =>
        isPersons(item.connectionId) ? { ...item, connectionId: '', said: { kind: 'nothing' } } : item,
    ),
  );
