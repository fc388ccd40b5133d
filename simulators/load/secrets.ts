import { readFile } from 'node:fs/promises';
import { EQUIPMENT_ID } from '../../core/telemetry/limits.ts';
import type { SteadyMachine } from './steady.ts';

const entryOf = (value: unknown, where: string): SteadyMachine => {
  const { id, site, model, secret } = (value ?? {}) as Record<string, unknown>;
  for (const [name, field] of Object.entries({ id, site })) {
    if (typeof field !== 'string' || !EQUIPMENT_ID.test(field)) {
      throw new Error(`${where}: ${name} must be 1 to 64 of the letters A–Z a–z, digits, _ and -`);
    }
  }
  if (typeof model !== 'string' || typeof secret !== 'string' || secret === '') {
    throw new Error(
      `${where}: needs id, site, model and secret, as printed by "precall equipment add --json"`,
    );
  }
  return { id: id as string, site: site as string, model, secret };
};

const parse = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Never quote the text: it may hold a secret.
    throw new Error(`${where}: is not JSON`);
  }
};

/** Equipment and secrets: JSON lines, or one JSON list. Throws an Error that names the file, the place and the mend. */
export const parseSecrets = (text: string, file: string): readonly SteadyMachine[] => {
  const entries = text.trimStart().startsWith('[')
    ? (parse(text, file) as readonly unknown[]).map((value, index) =>
        entryOf(value, `${file} entry ${index + 1}`),
      )
    : text.split('\n').flatMap((line, index) => {
        const where = `${file} line ${index + 1}`;
        return line.trim() === '' ? [] : [entryOf(parse(line, where), where)];
      });
  if (entries.length === 0)
    throw new Error(`${file}: is empty; write the lines of "precall equipment add --json" into it`);
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (ids.has(id)) throw new Error(`${file}: ${id} stands twice; keep the newer`);
    ids.add(id);
  }
  return entries;
};

export const readSecrets = async (file: string): Promise<readonly SteadyMachine[]> => {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${file}: can't be read (${cause.code})`);
  });
  return parseSecrets(text, file);
};
