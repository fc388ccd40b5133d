const SPACED = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const UNIX_MS = /^\d{11,15}$/;

/**
 * Unix ms of a time as it stands in files: ISO 8601, or `YYYY-MM-DD HH:MM:SS` (without a zone: UTC), or
 * Unix ms. Null for anything else.
 */
export const parseInstant = (text: string): number | null => {
  const trimmed = text.trim();
  if (UNIX_MS.test(trimmed)) return Number(trimmed);
  const match = SPACED.exec(trimmed);
  if (!match && !DATE.test(trimmed)) return null;
  const iso = match ? `${match[1]}T${match[2]}${match[3] ?? 'Z'}` : `${trimmed}T00:00:00Z`;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
};
