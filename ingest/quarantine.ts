import type { Quarantined } from '../store/ledger.ts';
import type { Origin } from './batch.ts';
import type { Decoded } from './decode.ts';

/** What was rejected of a record, as the ledger keeps it. */
export const quarantinedOf = (
  item: Origin & Pick<Decoded, 'equipment' | 'channel' | 'rejected'>,
): readonly Quarantined[] =>
  item.rejected.map(({ index, reason, detail, payload }) => ({
    partition: item.partition,
    offset: item.offset,
    index,
    equipment: item.equipment,
    channel: item.channel,
    reason,
    detail,
    atMs: item.receivedAtMs,
    payload,
  }));

/** Counts by reason. */
export const countReasons = (counts: Record<string, number>, items: readonly Quarantined[]): void => {
  for (const { reason } of items) counts[reason] = (counts[reason] ?? 0) + 1;
};
