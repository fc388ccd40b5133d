/** Unix ms → ISO 8601 in UTC. */
export const iso = (ms: number): string => new Date(ms).toISOString();

export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const UNIX_MS = /^-?\d{1,15}$/;
/** Years 1 to 9999: what ISO 8601 shows with four digits. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** ISO 8601 (without a zone: UTC) or Unix ms → Unix ms; null where it is neither. */
export const parseTime = (text: string): number | null => {
  const iso = ISO.exec(text);
  const ms = iso
    ? Date.parse(`${text.replace(' ', 'T')}${text.length > 10 && iso[1] === undefined ? 'Z' : ''}`)
    : UNIX_MS.test(text)
      ? Number(text)
      : Number.NaN;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : null;
};
