import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { canonicalJson } from '../../store/ledger/audit-hash.ts';
import { newerThanThis } from '../../store/ledger/whole.ts';
import { Failure } from '../failure.ts';

/**
 * What a backup holds. Written last: a folder without it, or with one whose `check` does not hold, is no finished backup.
 */
const whole = Type.Integer({ minimum: 0 });
const File = {
  /** Within the backup's folder. */
  file: Type.String({ pattern: '^([a-z_]+/)?[a-z_]+(\\.[a-z]+)+$' }),
  bytes: whole,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
};
const name = Type.String({ pattern: '^[a-z_]+$' });

const Manifest = Type.Object({
  format: Type.Literal(1),
  /** Precall's own. */
  version: Type.String(),
  /** ISO 8601: the moment whose state this is. */
  madeAt: Type.String(),
  ledger: Type.Object({
    engine: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')]),
    /** Migrations that had been done. */
    schema: Type.Array(Type.String(), { minItems: 1 }),
    /** In the order in which they are filled. */
    tables: Type.Array(
      Type.Object({ name, rows: whole, lastNumber: Type.Union([whole, Type.Null()]), ...File }),
    ),
  }),
  /** Null: nothing was heard yet. */
  log: Type.Union([
    Type.Object({
      id: Type.Union([Type.String(), Type.Null()]),
      firstOffset: whole,
      nextOffset: whole,
      ...File,
    }),
    Type.Null(),
  ]),
  /** Where readings are; with a file where they are embedded and there are any. */
  telemetry: Type.Object({
    kind: Type.Union([Type.Literal('sqlite'), Type.Literal('influx1'), Type.Literal('influx2')]),
    stored: Type.Union([Type.Object(File), Type.Null()]),
  }),
  /** How far the ledger's readers had come in the log. */
  readers: Type.Array(Type.Object({ reader: Type.String(), offset: Type.Integer({ minimum: -1 }) })),
});

export type Manifest = Static<typeof Manifest>;

/** A file of the backup, as the manifest tells of it. */
export interface BackupFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export const MANIFEST = 'manifest.json';

const checkOf = (manifest: unknown): string =>
  createHash('sha256').update(canonicalJson(manifest)).digest('hex');

export const manifestText = (manifest: Manifest): string =>
  `${JSON.stringify({ ...manifest, check: checkOf(manifest) }, null, 2)}\n`;

export const filesOf = ({ ledger, log, telemetry }: Manifest): readonly BackupFile[] => [
  ...ledger.tables,
  ...(log ? [log] : []),
  ...(telemetry.stored ? [telemetry.stored] : []),
];

const textOf = (folder: string): string => {
  try {
    return readFileSync(join(folder, MANIFEST), 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Failure(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${folder}: holds no finished backup (there is no ${MANIFEST}); name a folder that precall backup has finished`
        : `${join(folder, MANIFEST)}: can't be read (${code})`,
    );
  }
};

const damaged = (folder: string): Failure =>
  new Failure(`${join(folder, MANIFEST)}: is damaged; take another backup`);

/** @throws Failure where there is no finished backup, or this version can't read it */
export const readManifest = (folder: string): Manifest => {
  const text = textOf(folder);
  let found: { check?: unknown; format?: unknown };
  try {
    found = JSON.parse(text);
  } catch {
    throw damaged(folder);
  }
  const { check, ...manifest } = found;
  if (typeof manifest.format === 'number' && manifest.format > 1)
    throw new Failure(
      `${folder}: its format ${manifest.format} is newer than 1: use the release of Precall that made it`,
    );
  if (!Value.Check(Manifest, manifest) || check !== checkOf(manifest)) throw damaged(folder);
  return manifest;
};

/** `how`: what to do with the version that made it. @throws Failure where this one does not know its tables yet */
export const refuseNewer = (folder: string, { ledger }: Manifest, how: string): void => {
  const newer = newerThanThis(ledger.schema);
  if (newer)
    throw new Failure(
      `${folder}: is of a newer version of Precall (migration ${newer}): ${how} with that version`,
    );
};
