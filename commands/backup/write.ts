import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { wholeTable } from '../../store/ledger/whole.ts';
import { copySnapshot, type FileSnapshot } from '../../store/sqlite/snapshot.ts';
import { Failure } from '../failure.ts';
import { describeFile, sync, writeRows } from './files.ts';
import { type BackupFile, MANIFEST, type Manifest, manifestText } from './manifest.ts';
import { type Moment, openMoment } from './moment.ts';

const LEDGER = 'ledger';
const OWNER_ONLY = 0o600;

/** An empty folder for the owner alone. One that is there keeps its mode. */
const emptyFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await readdir(folder);
    const [first] = files;
    if (first === undefined) return;
    throw new Failure(
      files.includes(MANIFEST) || !files.includes(LEDGER)
        ? `${folder}: is not empty (${first}); name a folder that is new or empty`
        : `${folder}: holds a backup that did not finish; delete it, or name another folder`,
    );
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new Failure(`${folder}: can't be made (${code}); name a folder that can be written`);
  }
};

const writeLedger = async (folder: string, { ledger, whole }: Moment): Promise<Manifest['ledger']> => {
  await mkdir(join(folder, LEDGER), { mode: 0o700 });
  const tables: Manifest['ledger']['tables'] = [];
  for (const table of whole.tables) {
    const file = `${LEDGER}/${table.name}.jsonl.gz`;
    const rows = await writeRows(join(folder, file), wholeTable(ledger, table));
    const { name, lastNumber } = table;
    tables.push({ name, rows, lastNumber, ...(await describeFile(folder, file)) });
  }
  await sync(join(folder, LEDGER));
  return { engine: ledger.engine, schema: [...whole.schema], tables };
};

const writeCopy = async (folder: string, file: string, snapshot: FileSnapshot): Promise<BackupFile> => {
  const path = join(folder, file);
  // SQLite takes an empty file for a new database, and keeps the mode.
  await writeFile(path, '', { flag: 'wx', mode: OWNER_ONLY });
  copySnapshot(snapshot, path);
  return describeFile(folder, file);
};

const writeAll = async (
  folder: string,
  config: Config,
  moment: Moment,
  made: Pick<Manifest, 'version' | 'madeAt'>,
): Promise<Manifest> => {
  const ledger = await writeLedger(folder, moment);
  const { log, telemetry } = moment;
  const manifest: Manifest = {
    format: 1,
    ...made,
    ledger,
    log: log && { ...log.extent, ...(await writeCopy(folder, 'log.sqlite', log)) },
    telemetry: {
      kind: config.telemetry.kind,
      stored: telemetry && (await writeCopy(folder, 'telemetry.sqlite', telemetry)),
    },
    readers: [...moment.position.readers],
  };
  await writeManifest(folder, manifest);
  return manifest;
};

/** The last act: from here on the backup is one. */
const writeManifest = async (folder: string, manifest: Manifest): Promise<void> => {
  const part = join(folder, `${MANIFEST}.part`);
  await writeFile(part, manifestText(manifest), { mode: OWNER_ONLY, flush: true });
  await rename(part, join(folder, MANIFEST));
  await sync(folder);
};

/**
 * Writes a backup of what the configuration names into an empty folder, also while the service runs. What was written of one
 * that fails is taken away; one whose process is killed has no manifest.
 * @throws Failure with the mend
 */
export const writeBackup = async (folder: string, config: Config, version: string): Promise<Manifest> => {
  const moment = await openMoment(config);
  try {
    if (moment.apart !== null)
      throw new Failure(
        `the log ${config.logPath} and the ledger do not belong together: ${moment.apart}; run it where the service runs, with its settings`,
      );
    const made = { version, madeAt: new Date().toISOString() };
    await emptyFolder(folder);
    try {
      return await writeAll(folder, config, moment, made);
    } catch (cause) {
      for (const name of await readdir(folder))
        await rm(join(folder, name), { recursive: true, force: true });
      throw cause;
    }
  } finally {
    await moment.close();
  }
};
