import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerPlace } from '../../config.ts';
import { openEmptyLedger, openLedger, openLedgerSnapshot } from '../../stores.ts';
import { type PostgresServer, postgresBin, startPostgres } from '../../test/servers/postgres.ts';
import { MIGRATIONS, migrate } from './migrations/migrate.ts';
import { event, line, NOW_MS, ticket } from './suite/fixtures.ts';
import { LEDGER_TABLES } from './tables.ts';
import { allOf, fillLedger, type SqlSnapshot, type StoredRow, wholeLedger, wholeTable } from './whole.ts';

/** A ledger read whole and put into an empty place of either kind: the same rows, and life goes on from there. */
const bin = postgresBin();
let server: PostgresServer | null = null;
let folder: string;
beforeAll(async () => {
  if (bin !== null) server = await startPostgres(bin);
}, 60_000);
afterAll(() => server?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-whole-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

let made = 0;
const places: Record<string, () => Promise<LedgerPlace>> = {
  sqlite: async () => ({ kind: 'sqlite', path: join(folder, `l${made++}.sqlite`) }),
  ...(bin === null
    ? {}
    : { postgres: async () => ({ kind: 'postgres', url: await (server as PostgresServer).database() }) }),
};
const pairs = Object.keys(places).flatMap((from) => Object.keys(places).map((to) => [from, to] as const));
const place = (kind: string): Promise<LedgerPlace> => (places[kind] as () => Promise<LedgerPlace>)();

const withSnapshot = async <T>(at: LedgerPlace, work: (snapshot: SqlSnapshot) => Promise<T>): Promise<T> => {
  const snapshot = await openLedgerSnapshot(at);
  try {
    return await work(snapshot);
  } finally {
    await snapshot.close();
  }
};

interface Dump {
  readonly schema: readonly string[];
  readonly tables: readonly {
    readonly name: string;
    readonly lastNumber: number | null;
    readonly rows: StoredRow[];
  }[];
}

const dump = (at: LedgerPlace): Promise<Dump> =>
  withSnapshot(at, async (snapshot) => {
    const { schema, tables } = await wholeLedger(snapshot);
    const all: Dump['tables'][number][] = [];
    for (const table of tables) {
      const { name, lastNumber } = table;
      all.push({ name, lastNumber, rows: await allOf(wholeTable(snapshot, table)) });
    }
    return { schema, tables: all };
  });

const fill = async (at: LedgerPlace, { schema, tables }: Dump): Promise<void> => {
  const empty = await openEmptyLedger(at);
  const stored = tables.map((table) => ({
    ...table,
    rows: async function* () {
      yield* table.rows;
    },
  }));
  await fillLedger(empty, schema, stored).finally(() => empty.close());
};

const furnish = async (at: LedgerPlace): Promise<void> => {
  const ledger = await openLedger(at, () => NOW_MS);
  await ledger.transaction(async (tx) => {
    await tx.sites.put(
      {
        id: 's1',
        name: '人民广场 “x”\n',
        position: { lat: 31.2304, lon: 0.1 + 0.2 },
        timeZone: 'Asia/Shanghai',
      },
      NOW_MS,
    );
    for (let n = 0; n < 450; n++) {
      const one = ticket({ id: `t${n}`, unit: `bay${n}`, alerts: [`a${n}`] });
      await tx.alerts.apply([event(n, 'raised', { alert: `a${n}` })]);
      await tx.tickets.open(one, line(one, 'opened'));
      await tx.audit.add({ atMs: n, actor: 'li', action: 'test', subject: `车库${n}`, detail: { n } });
    }
    await tx.settings.init('secret-key', 'k');
  });
  await ledger.close();
};

describe.each(pairs)('from %s to %s', (from, to) => {
  it('has the same rows', async () => {
    const [source, target] = [await place(from), await place(to)];
    await furnish(source);
    const before = await dump(source);
    await fill(target, before);
    expect(await dump(target)).toEqual(before);
    expect(before.tables.find(({ name }) => name === 'tickets')?.rows).toHaveLength(450);
    expect(before.tables.find(({ name }) => name === 'alert_timeline')?.lastNumber).toBe(450);
  });

  it('gives no number again, and continues the chain', async () => {
    const [source, target] = [await place(from), await place(to)];
    await furnish(source);
    const before = await dump(source);
    // The newest line went away: its number must not come back.
    const cut = before.tables.map((table) =>
      table.name === 'alert_timeline' ? { ...table, rows: table.rows.slice(0, -1) } : table,
    );
    await fill(target, { ...before, tables: cut });
    const ledger = await openLedger(target, () => NOW_MS);
    await ledger.transaction(async (tx) => {
      await tx.alerts.apply([event(900, 'raised', { alert: 'new' })]);
      await tx.audit.add({ atMs: 1, actor: 'li', action: 'test', subject: 'x', detail: {} });
    });
    await ledger.close();
    const after = await dump(target);
    const rowsOf = (name: string) => after.tables.find((table) => table.name === name)?.rows ?? [];
    expect(rowsOf('alert_timeline').at(-1)?.id).toBe(451);
    expect(rowsOf('audit').at(-1)?.id).toBe(451);
  });
});

describe.each(Object.keys(places))('a ledger on %s', (kind) => {
  it('has the tables of the list, no other, with their keys', async () => {
    const at = await place(kind);
    await (await openLedger(at, () => NOW_MS)).close();
    const names = await withSnapshot(at, (snapshot) =>
      allOf(
        snapshot.ask(
          kind === 'sqlite'
            ? "select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'"
            : "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'",
        ),
      ),
    );
    expect(names.map(({ name }) => name).sort()).toEqual(LEDGER_TABLES.map(({ name }) => name).sort());
    const { tables } = await dump(at);
    expect(tables.map(({ name }) => name)).toEqual(LEDGER_TABLES.map(({ name }) => name));
  });

  it('of an older version is brought up to date, with what its rows need there', async () => {
    const [old, target] = [await place(kind), await place(kind)];
    const empty = await openEmptyLedger(old);
    await migrate(empty.db, empty.engine, '0001-ledger');
    const filled = await place(kind);
    await furnish(filled);
    const now = await dump(filled);
    await empty.close();
    const { schema, tables } = await dump(old);
    expect(schema).toEqual(['0001-ledger']);
    const rowsNow = (name: string) => now.tables.find((table) => table.name === name)?.rows ?? [];
    await fill(target, { schema, tables: tables.map((table) => ({ ...table, rows: rowsNow(table.name) })) });
    const after = await dump(target);
    expect(after.schema).toEqual(MIGRATIONS);
    // The second migration gives clocks to open tickets.
    expect(after.tables.find(({ name }) => name === 'clocks')?.rows).toHaveLength(900);
  });

  it('of a newer version is refused', async () => {
    const at = await place(kind);
    const empty = await openEmptyLedger(at);
    await migrate(empty.db, empty.engine);
    await sql`insert into kysely_migration values ('9999-later', '2099')`.execute(empty.db);
    await empty.close();
    await expect(dump(at)).rejects.toThrow(/newer version of Precall \(migration 9999-later\)/);
  });

  it('is left empty by rows that do not fit', async () => {
    const [source, target] = [await place(kind), await place(kind)];
    await furnish(source);
    const before = await dump(source);
    const orphaned = before.tables.map((table) =>
      table.name === 'tickets' ? { ...table, rows: [] } : table,
    );
    await expect(fill(target, { ...before, tables: orphaned })).rejects.toThrow(/foreign key/i);
    expect((await dump(target)).schema).toEqual([]);
  });
});

it('is a state of one moment, while others write', async () => {
  for (const kind of Object.keys(places)) {
    const at = await place(kind);
    await furnish(at);
    await withSnapshot(at, async (snapshot) => {
      const { tables } = await wholeLedger(snapshot);
      const ledger = await openLedger(at, () => NOW_MS);
      await ledger.audit.add({ atMs: 1, actor: 'li', action: 'test', subject: 'later', detail: {} });
      await ledger.close();
      const audit = tables.find(({ name }) => name === 'audit');
      expect(await allOf(wholeTable(snapshot, audit as NonNullable<typeof audit>))).toHaveLength(450);
    });
  }
});
