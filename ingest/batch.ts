/**
 * Records travel in batches, each read from the log in one go; a stream per record would cost more than
 * the work on it. An operator works on a batch synchronously, record by record, and hands it on.
 */
export interface Batch<Item> {
  readonly items: readonly Item[];
  readonly lastOffset: number;
  readonly lastReceivedAtMs: number;
}

/** Where an item comes from: what its effects are keyed by. */
export interface Origin {
  readonly partition: number;
  readonly offset: number;
  readonly receivedAtMs: number;
}

/** One record crashed an operator. The reader counts it against that record, not against the batch. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly offset: number;
  constructor(offset: number, cause: unknown) {
    super(`record ${offset}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.offset = offset;
  }
}

/** The record that it begins with. */
export const firstOffset = ({ items, lastOffset }: Batch<Origin>): number => items[0]?.offset ?? lastOffset;

/** Maps every item, and says which record it was where that throws. */
export const mapItems = <A extends Origin, B>(batch: Batch<A>, work: (item: A) => B): Batch<B> => {
  const items: B[] = [];
  for (const item of batch.items) {
    try {
      items.push(work(item));
    } catch (cause) {
      throw new RecordError(item.offset, cause);
    }
  }
  return { items, lastOffset: batch.lastOffset, lastReceivedAtMs: batch.lastReceivedAtMs };
};
