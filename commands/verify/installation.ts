import type { Config } from '../../config.ts';
import { wholeTable } from '../../store/ledger/whole.ts';
import { openSnapshot } from '../../store/sqlite/snapshot.ts';
import { type Moment, openMoment } from '../backup/moment.ts';
import { type Finding, ok } from '../finding.ts';
import { checkLedgerPages, checkLog, checkReaders, checkTelemetry } from './files.ts';
import { checkAudit, checkRows, type LedgerRows } from './ledger.ts';

const rowsOf = ({ ledger, whole }: Moment): LedgerRows => ({
  tables: whole.tables,
  rows: (name) => {
    const table = whole.tables.find((one) => one.name === name);
    if (!table) throw new Error(`the ledger has no table ${name}`);
    return wholeTable(ledger, table);
  },
});

/** PostgreSQL looks after its own pages. */
const checkLedgerFile = ({ ledger }: Config): Finding | null => {
  if (ledger.kind !== 'sqlite') return null;
  const { db, close } = openSnapshot(ledger.path, 'ledger');
  try {
    return checkLedgerPages(db, ledger.path);
  } finally {
    close();
  }
};

/** What is stored now, also while the service runs. @throws where there is nothing to look at */
export const verifyInstallation = async (config: Config): Promise<readonly Finding[]> => {
  // First: what reads a damaged file may stop anywhere.
  const broken = checkLedgerFile(config);
  if (broken) return [broken];
  const moment = await openMoment(config);
  try {
    const rows = rowsOf(moment);
    const { log, telemetry, position } = moment;
    const embedded = config.telemetry.kind === 'sqlite' ? config.telemetry.path : null;
    return [
      await checkAudit(rows),
      await checkRows(rows),
      log ? checkLog(log.db, config.logPath) : ok('log', 'none yet'),
      checkReaders(position, log?.extent ?? null),
      embedded === null
        ? ok('telemetry', 'in InfluxDB, which looks after its own files')
        : telemetry
          ? checkTelemetry(telemetry.db, embedded)
          : ok('telemetry', 'none yet'),
    ];
  } finally {
    await moment.close();
  }
};
