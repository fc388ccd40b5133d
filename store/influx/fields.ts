import { MEASUREMENT, META } from './point.ts';
import { isTag } from './query.ts';
import type { Transport } from './transport.ts';

/** Fields that an equipment has values of. */
export const fieldsOf = async (transport: Transport, equipment: string): Promise<string[]> => {
  const [tables = []] = await transport.query(
    `SELECT last(*) FROM ${MEASUREMENT} WHERE ${isTag('equipment', equipment)}`,
  );
  const fields = (tables[0]?.columns ?? [])
    .filter((_, i) => tables[0]!.values[0]![i] !== null)
    .map((column) => column.replace(/^last_/, ''));
  return fields.filter((field) => field !== 'time' && !META.has(field)).sort();
};
