import type { LedgerPlace } from './config.ts';
import type { Ledger } from './store/ledger.ts';
import { openPostgresLedger } from './store/postgres/ledger.ts';
import { openSqliteLedger } from './store/sqlite/ledger.ts';

/** The ledger that a configuration names; who uses it never learns which it is. @throws with the mend */
export const openLedger = async (place: LedgerPlace, clock: () => number): Promise<Ledger> =>
  place.kind === 'sqlite'
    ? openSqliteLedger({ path: place.path, clock })
    : openPostgresLedger({ url: place.url, clock });
