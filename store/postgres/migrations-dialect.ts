import { type DataTypeNode, PostgresDialect, PostgresQueryCompiler } from 'kysely';

/**
 * The migrations are those of SQLite, whose text compares byte by byte: order, cursors and unique keys must not depend on
 * what a database was created with.
 */
class BinaryText extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text') this.append(' collate "C"');
  }
}

/** Kysely's own dialect: its migrator has a lock of its own, beside transactions. */
export class MigrationsDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new BinaryText();
  }
}
