import { existsSync, readdirSync } from 'node:fs';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../config.ts';
import { fillLedger } from '../../store/ledger/whole.ts';
import { isFileLocked, lockPathOf, takeFileLock } from '../../store/sqlite/lock.ts';
import { makePrivateFile, makePrivateFolder } from '../../store/sqlite/private.ts';
import { openEmptyLedger } from '../../stores.ts';
import { Failure } from '../failure.ts';
import { checkFile, readRows, sync } from './files.ts';
import { type BackupFile, filesOf, type Manifest, readManifest, refuseNewer } from './manifest.ts';
import { unfinishedPath } from './unfinished.ts';

/** Every disk has it. */
const LOST_AND_FOUND = 'lost+found';

/** Files of the stores that are embedded. */
const targetsOf = ({ ledger, logPath, telemetry }: Config): readonly string[] => [
  ...(ledger.kind === 'sqlite' ? [ledger.path] : []),
  logPath,
  ...(telemetry.kind === 'sqlite' ? [telemetry.path] : []),
];

/** @throws Failure where something lies there already, or a service runs on it */
export const refuseFull = (config: Config): void => {
  const { dataDir, logPath } = config;
  if (isFileLocked(logPath))
    throw new Failure(
      `${dirname(logPath)}: a service is running on it; a restore needs an empty machine: set PRECALL_DATA to a new folder`,
    );
  const inFolder = existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name !== LOST_AND_FOUND) : [];
  const [found] = [
    ...inFolder.map((name) => join(dataDir, name)),
    ...targetsOf(config)
      .flatMap((path) => [path, `${path}-wal`])
      .filter(existsSync),
  ];
  if (found !== undefined)
    throw new Failure(
      `${found}: is there already; a restore needs an empty machine: set PRECALL_DATA to a new folder, or move the old one away`,
    );
};

/** What this version, or these settings, can't take up. */
const refuseForeign = (folder: string, manifest: Manifest, config: Config): void => {
  const { telemetry } = manifest;
  refuseNewer(folder, manifest, 'restore it');
  if (telemetry.stored && config.telemetry.kind !== 'sqlite')
    throw new Failure(
      `${folder}: holds the readings of embedded telemetry, which PRECALL_TELEMETRY=${config.telemetry.kind}:… can't take: restore it with PRECALL_TELEMETRY=sqlite:`,
    );
};

const checkFiles = async (folder: string, manifest: Manifest): Promise<void> => {
  for (const file of filesOf(manifest)) await checkFile(folder, file);
};

const copyIn = async (folder: string, { file }: BackupFile, path: string): Promise<void> => {
  makePrivateFile(path);
  await copyFile(join(folder, file), path);
  await sync(path);
  await sync(dirname(path));
};

const restoreLedger = async (folder: string, { ledger }: Manifest, config: Config): Promise<void> => {
  const empty = await openEmptyLedger(config.ledger);
  try {
    const tables = ledger.tables.map(({ name, lastNumber, file }) => ({
      ...{ name, lastNumber },
      rows: () => readRows(join(folder, file)),
    }));
    await fillLedger(empty, ledger.schema, tables);
  } finally {
    await empty.close();
  }
};

/** Everything under one mark: a service does not start, and nothing is restored, where it lies. */
const restoreAll = async (folder: string, manifest: Manifest, config: Config): Promise<void> => {
  const { log, telemetry } = manifest;
  const mark = unfinishedPath(config);
  makePrivateFolder(config.dataDir);
  await writeFile(mark, `restore of ${folder}, process ${process.pid}\n`, { flag: 'wx', mode: 0o600 });
  try {
    await sync(config.dataDir);
    if (log) await copyIn(folder, log, config.logPath);
    if (telemetry.stored && config.telemetry.kind === 'sqlite')
      await copyIn(folder, telemetry.stored, config.telemetry.path);
    // Last, because it alone may lie where nobody but its server can take it away again: there it is one transaction.
    await restoreLedger(folder, manifest, config);
  } catch (cause) {
    // What is here is ours: it was empty, and the lock is held.
    for (const path of targetsOf(config))
      for (const file of [path, `${path}-wal`, `${path}-shm`]) await rm(file, { force: true });
    await rm(mark, { force: true });
    throw cause;
  }
  await rm(mark);
  await sync(config.dataDir);
};

/**
 * Puts a backup into an empty machine. What fails leaves it empty; what is killed leaves a mark that nothing starts on.
 * @throws Failure with the mend
 */
export const restoreBackup = async (folder: string, config: Config): Promise<Manifest> => {
  const manifest = readManifest(folder);
  refuseFull(config);
  refuseForeign(folder, manifest, config);
  await checkFiles(folder, manifest);
  const lock = takeFileLock(config.logPath);
  if (lock === null) throw new Failure(`${config.logPath}: another process has just begun to use it`);
  try {
    await restoreAll(folder, manifest, config);
  } catch (cause) {
    await rm(lockPathOf(config.logPath), { force: true });
    throw cause;
  } finally {
    lock.release();
  }
  return manifest;
};
