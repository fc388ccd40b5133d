import { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createGate } from '../ledger/gate.ts';
import { LedgerBusyError } from '../ledger.ts';
import { postgresDialect } from './dialect.ts';
import { MigrationsDialect } from './migrations-dialect.ts';
import { createPatience } from './patience.ts';
import { createSessions } from './session.ts';

/** A pool of one connection that refuses some statements; what it was told, in order. */
const poolThatRefuses = (refused: string) => {
  const told: string[] = [];
  const client = {
    on: () => client,
    removeListener: () => client,
    release: (error?: Error) => void told.push(error ? 'thrown away' : 'given back'),
    query: async (text: string) => {
      told.push(text);
      if (text === refused) throw Object.assign(new Error('too long'), { code: '57014' });
      return { rows: [], rowCount: 0, command: 'SELECT' };
    },
  };
  return { told, pool: { connect: async () => client } as unknown as Pool };
};

it('makes text that compares byte by byte, whatever the database does', () => {
  const { pool } = poolThatRefuses('');
  const db = new Kysely<unknown>({ dialect: new MigrationsDialect({ pool }) });
  const { sql } = db.schema
    .createTable('t')
    .addColumn('a', 'text', (column) => column.notNull())
    .addColumn('n', 'bigint')
    .compile();
  expect(sql).toBe('create table "t" ("a" text collate "C" not null, "n" bigint)');
  const added = db.schema.alterTable('t').addColumn('b', 'text').compile();
  expect(added.sql).toBe('alter table "t" add column "b" text collate "C"');
});

it('gives back no connection that is still in a transaction whose turn did not come', async () => {
  const { told, pool } = poolThatRefuses('turn');
  const gate = createGate(1, 10);
  const place = { user: 'u', address: 'db:5432', database: 'd' };
  const sessions = createSessions(pool, place);
  const patience = createPatience(0);
  const db = new Kysely<never>({
    dialect: postgresDialect({ sessions, patience, gate, first: 'turn', place }),
  });
  await expect(db.transaction().execute(async () => told.push('work'))).rejects.toThrow(LedgerBusyError);
  expect(told.slice(0, 3)).toEqual(['begin isolation level read committed', 'turn', 'rollback']);
  expect(told).not.toContain('work');
  await gate.close();
});
