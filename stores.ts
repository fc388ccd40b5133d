import type { LedgerPlace, TelemetryPlace } from './config.ts';
import { openInflux1Telemetry } from './store/influx1/telemetry.ts';
import { openInflux2Telemetry } from './store/influx2/telemetry.ts';
import type { ServedLedger } from './store/ledger/served.ts';
import type { EmptyLedger, SqlSnapshot } from './store/ledger/whole.ts';
import { openPostgresLedger } from './store/postgres/ledger.ts';
import { openEmptyPostgresLedger, openPostgresLedgerSnapshot } from './store/postgres/ledger-whole.ts';
import { openSqliteLedger } from './store/sqlite/ledger.ts';
import { openEmptySqliteLedger, openSqliteLedgerSnapshot } from './store/sqlite/ledger-whole.ts';
import { openSqliteTelemetry, openSqliteTelemetryForReading } from './store/sqlite/telemetry.ts';
import type { TelemetryStore } from './store/telemetry.ts';
import type { Timers } from './time/timers.ts';

/** The ledger that a configuration names; who uses it never learns which it is. @throws with the mend */
export const openLedger = async (place: LedgerPlace, clock: () => number): Promise<ServedLedger> =>
  place.kind === 'sqlite'
    ? openSqliteLedger({ path: place.path, clock })
    : openPostgresLedger({ url: place.url, clock });

/** The ledger as it is at this moment, to be read whole while others write. @throws NoFileError, or with the mend */
export const openLedgerSnapshot = async (place: LedgerPlace): Promise<SqlSnapshot> =>
  place.kind === 'sqlite' ? openSqliteLedgerSnapshot(place.path) : openPostgresLedgerSnapshot(place.url);

/** A place for a ledger that is empty still. @throws where there is one */
export const openEmptyLedger = async (place: LedgerPlace): Promise<EmptyLedger> =>
  place.kind === 'sqlite' ? openEmptySqliteLedger(place.path) : openEmptyPostgresLedger(place.url);

/** The telemetry store that a configuration names. An InfluxDB that is down is no reason not to start: the log waits. */
export const openTelemetry = async (place: TelemetryPlace, timers: Timers): Promise<TelemetryStore> => {
  switch (place.kind) {
    case 'sqlite':
      return openSqliteTelemetry({ path: place.path });
    case 'influx1':
      return openInflux1Telemetry({ url: place.url, timers });
    case 'influx2':
      return openInflux2Telemetry({ url: place.url, timers });
  }
};

/**
 * The same, for a command beside the running service: it only reads.
 * @throws where the embedded store has no file yet
 */
export const openTelemetryForReading = async (
  place: TelemetryPlace,
  timers: Timers,
): Promise<Pick<TelemetryStore, 'list' | 'readings' | 'close'>> =>
  place.kind === 'sqlite'
    ? openSqliteTelemetryForReading({ path: place.path })
    : openTelemetry(place, timers);
