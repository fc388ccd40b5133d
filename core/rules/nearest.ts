/** Edits from one word to the other: a letter more, less, another, or two changed about. */
const distance = (a: string, b: string): number => {
  let older: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(
        (before[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (before[j - 1] as number) + (isSame ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (older[j - 2] as number) + 1);
      row.push(least);
    }
    older = before;
    before = row;
  }
  return before[b.length] as number;
};

const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The word that was probably meant; null where none is near. Case, dashes and underscores don't count. */
export const nearest = (word: string, known: Iterable<string>): string | null => {
  let best: string | null = null;
  // Nobody types that much by mistake.
  if (word.length > 80) return null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(plain(word), plain(candidate));
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
};
