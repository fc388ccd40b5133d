import type { Hours } from '../ledger.ts';
import { batches } from './batch.ts';
import type { Scope } from './schema.ts';

export const hours = ({ db }: Scope): Hours => ({
  mark: async (marks) => {
    // The newest wins where an hour stands twice: one statement may not write a row twice.
    const newest = new Map<string, (typeof marks)[number]>();
    for (const mark of marks) {
      const key = `${mark.hourMs}/${mark.equipment}`;
      if ((newest.get(key)?.logOffset ?? -1) < mark.logOffset) newest.set(key, mark);
    }
    for (const batch of batches([...newest.values()])) {
      await db
        .insertInto('dueHours')
        .values(batch.map(({ equipment, hourMs, logOffset }) => ({ equipment, hourMs, logOffset })))
        .onConflict((on) =>
          on
            .columns(['equipment', 'hourMs'])
            .doUpdateSet(({ ref }) => ({ logOffset: ref('excluded.logOffset') }))
            .whereRef('dueHours.logOffset', '<', 'excluded.logOffset'),
        )
        .execute();
    }
  },
  due: (beforeMs, limit) =>
    db
      .selectFrom('dueHours')
      .selectAll()
      .where('hourMs', '<', beforeMs)
      .orderBy('hourMs')
      .orderBy('equipment')
      .limit(limit)
      .execute(),
  done: async (marks) => {
    for (const batch of batches(marks)) {
      await db
        .deleteFrom('dueHours')
        .where(({ and, eb, or }) =>
          or(
            batch.map(({ equipment, hourMs, logOffset }) =>
              and([
                eb('equipment', '=', equipment),
                eb('hourMs', '=', hourMs),
                eb('logOffset', '<=', logOffset),
              ]),
            ),
          ),
        )
        .execute();
    }
  },
});
