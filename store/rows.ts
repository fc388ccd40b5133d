import type { Page, PageQuery } from './ledger.ts';

const PAGE = 500;

/** Every row of a paged list, a page at a time: the next page is asked for when the rows before it are done with. */
export async function* rowsOf<T>(list: (page: PageQuery) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await list({ limit: PAGE, cursor });
    yield* page.rows;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** The same in one array; for lists that are known to be short, or that a person reads. */
export const everyRow = async <T>(list: (page: PageQuery) => Promise<Page<T>>): Promise<readonly T[]> => {
  const rows: T[] = [];
  for await (const row of rowsOf(list)) rows.push(row);
  return rows;
};
