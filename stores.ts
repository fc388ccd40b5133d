import type { LedgerPlace, TelemetryPlace } from './config.ts';
import { openInflux1Telemetry } from './store/influx1/telemetry.ts';
import { openInflux2Telemetry } from './store/influx2/telemetry.ts';
import type { Ledger } from './store/ledger.ts';
import { openPostgresLedger } from './store/postgres/ledger.ts';
import { openSqliteLedger } from './store/sqlite/ledger.ts';
import { openSqliteTelemetry } from './store/sqlite/telemetry.ts';
import type { TelemetryStore } from './store/telemetry.ts';
import type { Timers } from './time/timers.ts';

/** The stores that a configuration names; who uses one never learns which it is. */

/** @throws when it can't be reached or opened */
export const openLedger = async (place: LedgerPlace, clock: () => number): Promise<Ledger> =>
  place.kind === 'sqlite'
    ? openSqliteLedger({ path: place.path, clock })
    : openPostgresLedger({ url: place.url, clock });

type OnProblem = (problem: { readonly what: string; readonly error: Error }) => void;

/** An InfluxDB that is down is no reason not to start: the log holds what was heard until it is there. */
export const openTelemetry = async (
  place: TelemetryPlace,
  timers: Timers,
  onProblem: OnProblem,
): Promise<TelemetryStore> => {
  switch (place.kind) {
    case 'sqlite':
      return openSqliteTelemetry({ path: place.path });
    case 'influx1':
      return openInflux1Telemetry({ url: place.url, timers, onProblem });
    case 'influx2':
      return openInflux2Telemetry({ url: place.url, timers, onProblem });
  }
};
