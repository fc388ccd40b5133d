import { join } from 'node:path';
import { LEDGER_TABLES } from '../../store/ledger/tables.ts';
import { openSnapshot } from '../../store/sqlite/snapshot.ts';
import { checkFile, readRows } from '../backup/files.ts';
import { filesOf, type Manifest, readManifest, refuseNewer } from '../backup/manifest.ts';
import { positionOf } from '../backup/moment.ts';
import { Failure } from '../failure.ts';
import { type Finding, fail, ok } from '../finding.ts';
import { checkLog, checkReaders, checkTelemetry } from './files.ts';
import { checkAudit, checkRows, type LedgerRows } from './ledger.ts';

const rowsOf = (folder: string, { ledger }: Manifest): LedgerRows => ({
  tables: LEDGER_TABLES.filter(({ name }) => ledger.tables.some((table) => table.name === name)),
  rows: (name) => {
    const table = ledger.tables.find((one) => one.name === name);
    if (!table) throw new Failure(`${folder}: has no table ${name}; take another backup`);
    return readRows(join(folder, table.file));
  },
});

const checkSums = async (folder: string, manifest: Manifest): Promise<Finding> => {
  const files = filesOf(manifest);
  try {
    for (const file of files) await checkFile(folder, file);
    return ok('files', `${files.length} files are what was written at ${manifest.madeAt}`);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    return fail('files', cause.message, 'take another backup');
  }
};

const checkStored = (
  folder: string,
  file: string,
  what: string,
  check: (db: Parameters<typeof checkLog>[0], path: string) => Finding,
): Finding => {
  const path = join(folder, file);
  const { db, close } = openSnapshot(path, what);
  try {
    return check(db, path);
  } finally {
    close();
  }
};

/** The same of a backup, and that its files are what was written. @throws Failure where it is no finished backup */
export const verifyBackup = async (folder: string): Promise<readonly Finding[]> => {
  const manifest = readManifest(folder);
  refuseNewer(folder, manifest, 'look at it');
  const sums = await checkSums(folder, manifest);
  if (sums.state === 'fail') return [sums];
  const { log, telemetry, ledger } = manifest;
  const rows = rowsOf(folder, manifest);
  const position = await positionOf(rows.rows('settings'), rows.rows('leases'));
  return [
    sums,
    await checkAudit(rows),
    await checkRows(rows, new Map(ledger.tables.map((table) => [table.name, table.rows]))),
    log ? checkStored(folder, log.file, 'log', checkLog) : ok('log', 'none'),
    checkReaders(position, log),
    telemetry.stored
      ? checkStored(folder, telemetry.stored.file, 'telemetry', checkTelemetry)
      : ok('telemetry', telemetry.kind === 'sqlite' ? 'none' : 'in InfluxDB, not in this backup'),
  ];
};
