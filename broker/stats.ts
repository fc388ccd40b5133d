import type { Counters } from './counters.ts';

/** What the broker counted since it started, and what is now. All plain numbers, for `/metrics`. */
export interface BrokerStats extends Readonly<Counters> {
  readonly now: {
    /** TCP connections, and those signed in. */
    readonly connections: number;
    readonly signedIn: number;
    /** Messages that wait for the log, with their bytes, and connections that are not read because of it. */
    readonly inFlight: number;
    readonly inFlightBytes: number;
    readonly waiting: number;
    /** Sessions kept for clients with clean session = 0. */
    readonly sessions: number;
    readonly credentials: number;
    readonly subscriptions: number;
    /** Control records that wait for a full log. */
    readonly controls: number;
    /** The log refused a message within the last second. */
    readonly logFull: boolean;
  };
}
