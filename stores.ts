import type { LedgerPlace } from './config.ts';
import type { GateStats } from './store/ledger/gate.ts';
import type { Ledger } from './store/ledger.ts';
import { openPostgresLedger } from './store/postgres/ledger.ts';
import { openSqliteLedger } from './store/sqlite/ledger.ts';

/** A ledger that says how many wait for it. */
export interface OpenedLedger extends Ledger {
  queues(): { readonly writes: GateStats; readonly reads: GateStats };
}

/** The ledger that a configuration names; who uses it never learns which it is. @throws with the mend */
export const openLedger = async (place: LedgerPlace, clock: () => number): Promise<OpenedLedger> =>
  place.kind === 'sqlite'
    ? openSqliteLedger({ path: place.path, clock })
    : openPostgresLedger({ url: place.url, clock });
