import { createHash } from 'node:crypto';
import type { AuditEntry } from '../ledger.ts';
import { isRecord } from './json.ts';

/** What stands before the first entry. */
export const FIRST_HASH = '0'.repeat(64);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
};

/** JSON with sorted keys and no space: the same content is always the same text. */
export const canonicalJson = (value: unknown): string =>
  // Through JSON first, so that dates, undefined members and the like are what will be read back.
  JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));

/** SHA-256, hex, over the hash of the entry before and this entry as canonical JSON. */
export const auditHash = (previous: string, entry: AuditEntry & { readonly id: number }): string => {
  const { id, atMs, actor, action, subject, detail } = entry;
  const text = canonicalJson({ id, atMs, actor, action, subject, detail });
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex');
};
