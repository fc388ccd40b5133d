import { LeaseLostError, type Readers } from '../ledger.ts';
import { batches } from './batch.ts';
import { quarantine } from './quarantine.ts';
import type { Scope } from './schema.ts';

const CHECKPOINTS_PER_READ = 500;

type Leasing = Pick<Readers, 'claim' | 'commit' | 'offsets'>;

const leasing = ({ db }: Scope): Leasing => ({
  claim: async (reader, partition) => {
    const row = await db
      .insertInto('leases')
      .values({ reader, logPartition: partition, epoch: 1, logOffset: -1 })
      .onConflict((on) =>
        on
          .columns(['reader', 'logPartition'])
          .doUpdateSet(({ eb }) => ({ epoch: eb('leases.epoch', '+', 1) })),
      )
      .returning(['epoch', 'logOffset'])
      .executeTakeFirstOrThrow();
    return { reader, partition, epoch: row.epoch, offset: row.logOffset };
  },
  commit: async ({ reader, partition, epoch }, offset) => {
    const { numUpdatedRows } = await db
      .updateTable('leases')
      .set({ logOffset: offset })
      .where('reader', '=', reader)
      .where('logPartition', '=', partition)
      .where('epoch', '=', epoch)
      .where('logOffset', '<=', offset)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return;
    const now = await db
      .selectFrom('leases')
      .select(['epoch', 'logOffset'])
      .where('reader', '=', reader)
      .where('logPartition', '=', partition)
      .executeTakeFirst();
    if (now?.epoch === epoch) {
      throw new Error(`${reader} would move back in partition ${partition}: ${now.logOffset} → ${offset}`);
    }
    throw new LeaseLostError(
      `${reader} no longer holds partition ${partition}: its epoch ${epoch} was followed by ${now?.epoch ?? 'none'}`,
    );
  },
  offsets: async () => {
    const rows = await db
      .selectFrom('leases')
      .select(['reader', 'logPartition', 'logOffset'])
      .orderBy('reader')
      .orderBy('logPartition')
      .execute();
    return rows.map((row) => ({ reader: row.reader, partition: row.logPartition, offset: row.logOffset }));
  },
});

type Checkpoints = Pick<Readers, 'saveCheckpoints' | 'loadCheckpoints'>;

const checkpoints = ({ db }: Scope): Checkpoints => ({
  saveCheckpoints: async (reader, partition, states) => {
    // The last one wins where a key stands twice: one statement may not write a row twice.
    const rows = [...new Map(states.map(({ key, state }) => [key, state]))].map(([key, state]) => ({
      reader,
      logPartition: partition,
      key,
      state,
    }));
    for (const batch of batches(rows)) {
      await db
        .insertInto('checkpoints')
        .values(batch)
        .onConflict((on) =>
          on
            .columns(['reader', 'logPartition', 'key'])
            .doUpdateSet(({ ref }) => ({ state: ref('excluded.state') })),
        )
        .execute();
    }
  },
  loadCheckpoints: async (reader, partition) => {
    const found: { readonly key: string; readonly state: string }[] = [];
    for (;;) {
      const rows = await db
        .selectFrom('checkpoints')
        .select(['key', 'state'])
        .where('reader', '=', reader)
        .where('logPartition', '=', partition)
        .$if(found.length > 0, (query) => query.where('key', '>', found.at(-1)?.key ?? ''))
        .orderBy('key')
        .limit(CHECKPOINTS_PER_READ)
        .execute();
      found.push(...rows);
      if (rows.length < CHECKPOINTS_PER_READ) return found;
    }
  },
});

export const readers = (scope: Scope): Readers => ({
  ...leasing(scope),
  ...checkpoints(scope),
  ...quarantine(scope),
});
