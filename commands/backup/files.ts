import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { StoredRow } from '../../store/ledger/whole.ts';
import { Failure } from '../failure.ts';
import type { BackupFile } from './manifest.ts';

const OWNER_ONLY = 0o600;
const CHUNK_CHARS = 65_536;

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** Waits until the disk has it: a file's content, or a folder's list of names. */
export const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
};

/** What the manifest tells of a file that is written. */
export const describeFile = async (folder: string, file: string): Promise<BackupFile> => {
  const path = join(folder, file);
  await sync(path);
  return { file, bytes: (await stat(path)).size, sha256: await sha256Of(path) };
};

/** Throws where a file is not what was written. */
export const checkFile = async (folder: string, { file, bytes, sha256 }: BackupFile): Promise<void> => {
  const path = join(folder, file);
  const found = await stat(path).catch(() => null);
  if (!found) throw new Failure(`${path}: is missing; the backup is damaged, take another one`);
  if (found.size !== bytes || (await sha256Of(path)) !== sha256)
    throw new Failure(
      `${path}: is not what was written (its sha256 differs); the backup is damaged, take another one`,
    );
};

/** One row a line, some lines at once; `counted` is told of each row. */
async function* linesOf(rows: AsyncIterable<StoredRow>, counted: () => void): AsyncGenerator<string, void> {
  let text = '';
  for await (const row of rows) {
    text += `${JSON.stringify(row)}\n`;
    counted();
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Writes rows as JSON lines, packed. Returns how many. */
export const writeRows = async (path: string, rows: AsyncIterable<StoredRow>): Promise<number> => {
  let count = 0;
  const lines = linesOf(rows, () => {
    count += 1;
  });
  await pipeline(
    Readable.from(lines),
    createGzip(),
    createWriteStream(path, { flags: 'wx', mode: OWNER_ONLY }),
  );
  return count;
};

/** The rows of such a file. */
export async function* readRows(path: string): AsyncGenerator<StoredRow, void> {
  const packed = createReadStream(path);
  const text = createGunzip();
  // The reader of lines hears of the end of what it reads only.
  const done = pipeline(packed, text).catch((cause: Error) => {
    throw new Failure(
      `${path}: can't be unpacked (${cause.message}); the backup is damaged, take another one`,
    );
  });
  done.catch(() => undefined);
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY }))
    yield JSON.parse(line) as StoredRow;
  await done;
}
