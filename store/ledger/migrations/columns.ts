import type { ColumnDefinitionBuilder, Kysely } from 'kysely';
import type { Engine } from './migrate.ts';

export const required = (column: ColumnDefinitionBuilder) => column.notNull();
export const primary = (column: ColumnDefinitionBuilder) => column.notNull().primaryKey();

/** A row number that the database gives. */
export const numbered = (db: Kysely<unknown>, engine: Engine, table: string) =>
  engine === 'sqlite'
    ? db.schema.createTable(table).addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : db.schema.createTable(table).addColumn('id', 'bigserial', (column) => column.primaryKey());
