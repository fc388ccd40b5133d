/**
 * The machine's own name of the unit that a person typed: `Bay 3`, `BAY3` and `3` are `bay3`. Null where the machine is
 * known to have units and this is none of them; a unit that nobody has heard of would open a second ticket
 * beside the true one.
 */
export const unitOf = (typed: string, known: readonly string[]): string | null => {
  const plain = typed.toLowerCase().replaceAll(/[\s_-]/g, '');
  if (plain === '' || known.length === 0) return typed.trim();
  const same = known.find((unit) => unit.toLowerCase().replaceAll(/[\s_-]/g, '') === plain);
  if (same !== undefined) return same;
  const ending = known.filter((unit) => /^\d+$/.test(plain) && unit.match(/\d+$/)?.[0] === plain);
  return ending.length === 1 ? (ending[0] ?? null) : null;
};
