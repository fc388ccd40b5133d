import type { Settings } from '../ledger.ts';
import type { Scope } from './schema.ts';

export const settings = ({ db }: Scope): Settings => {
  const get = async (key: string): Promise<string | null> =>
    (await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst())?.value ??
    null;
  return {
    get,
    init: async (key, value) => {
      await db
        .insertInto('settings')
        .values({ key, value })
        .onConflict((on) => on.doNothing())
        .execute();
      return (await get(key)) ?? value;
    },
    set: async (key, value) => {
      await db
        .insertInto('settings')
        .values({ key, value })
        .onConflict((on) => on.column('key').doUpdateSet({ value }))
        .execute();
    },
  };
};
