import type { Scope } from './schema.ts';

/**
 * Takes the next `count` numbers and returns the last of them. The row stays locked until the transaction
 * ends, so numbers are without gaps and in the order of commits, which a database sequence is not.
 */
export const take = async (db: Scope['db'], name: 'changes' | 'audit', count: number): Promise<number> => {
  const { value } = await db
    .updateTable('counters')
    .set(({ eb }) => ({ value: eb('value', '+', count) }))
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
};

/** The last number taken. */
export const taken = async (db: Scope['db'], name: 'changes' | 'audit'): Promise<number> => {
  const { value } = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return value;
};
