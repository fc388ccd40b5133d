/** A source of numbers in [0, 1). The same seed and name give the same numbers on every machine. */
export type Random = () => number;

const FNV_PRIME = 0x01000193;

/** Finaliser of MurmurHash3: every input bit reaches every output bit. */
const mix = (value: number): number => {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** 32 bits of a text (FNV-1a from the given basis, then mixed). */
const hash = (text: string, basis: number): number => {
  let h = basis >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return mix(h);
};

/**
 * A named stream of randomness (sfc32, Chris Doty-Humphrey's PractRand). Everything random has a stream of its
 * own, named after what it is for (`garage-1/bay3/noise`), so that adding a machine changes no other.
 */
export const stream = (seed: number, name: string): Random => {
  const key = `${seed}\u0000${name}`;
  let a = hash(key, 0x811c9dc5);
  let b = hash(key, 0x9e3779b9);
  let c = hash(key, 0x7f4a7c15);
  let counter = 1;
  const next: Random = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first outputs still show the seed.
  for (let i = 0; i < 12; i++) next();
  return next;
};
