/**
 * For the test beside it: a service as far as log and ledger are concerned. Appends, commits its offset and trims the log
 * behind it until it is killed. Argument: the data folder.
 */
import { readConfig } from '../../config.ts';
import { adoptLog } from '../../store/adopt.ts';
import { openSqliteLog } from '../../store/sqlite/log.ts';
import { openLedger } from '../../stores.ts';

const TRIM_EVERY = 8;

const config = readConfig({ PRECALL_DATA: process.argv[2] });
const ledger = await openLedger(config.ledger, () => 0);
const log = await openSqliteLog({ path: config.logPath, maxBytes: 2 ** 30 });
await adoptLog({ log, ledger, clock: () => 0 });
const lease = await ledger.readers.claim('recorder', 0);
for (let n = 0; ; n++) {
  const offset = await log.append({ kind: 'tick', receivedAtMs: n });
  await ledger.transaction((tx) => tx.readers.commit(lease, offset));
  if (n % TRIM_EVERY === 0) await log.trim(offset + 1);
  if (n === 0) process.stdout.write('going\n');
}
