import { rename, writeFile } from 'node:fs/promises';
import type { Truth } from './record.ts';

/** Writes the whole truth at once: who reads while we write sees the old or the new, never half. */
export const writeTruth = async (file: string, truth: Truth): Promise<void> => {
  const draft = `${file}.part`;
  await writeFile(draft, `${JSON.stringify(truth, null, 2)}\n`);
  await rename(draft, file);
};
