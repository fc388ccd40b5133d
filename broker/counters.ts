import type { Channel } from '../store/log.ts';
import type { GuardCounters } from './guard.ts';
import { REFUSALS, type Refusal } from './refusal.ts';

/** What the broker has counted since it started. Growing numbers only; see `BrokerStats` for what is now. */
export interface Counters extends GuardCounters {
  accepted: number;
  signedIn: number;
  takeovers: number;
  readonly messages: Record<Channel, number>;
  messageBytes: number;
  /** QoS 2 messages that came again and were not logged again. */
  duplicates: number;
  /** Messages with the retain flag. Nothing is retained here: the ledger keeps the last status. */
  retained: number;
  /** Last Wills logged, and those left out because their connection was refused or we are stopping. */
  wills: number;
  willsDropped: number;
  /** QoS 0 messages lost because the log was full: nobody was promised anything. */
  unacknowledgedLost: number;
  repairsSent: number;
  /** Control records lost because too many waited for a full log. */
  controlsLost: number;
  openEquipment: number;
  readonly refused: Record<Refusal, number>;
}

export const createCounters = (): Counters => ({
  bytesIn: 0,
  bytesOut: 0,
  packets: 0,
  throttledMs: 0,
  accepted: 0,
  signedIn: 0,
  takeovers: 0,
  messages: { telemetry: 0, fault: 0, status: 0 },
  messageBytes: 0,
  duplicates: 0,
  retained: 0,
  wills: 0,
  willsDropped: 0,
  unacknowledgedLost: 0,
  repairsSent: 0,
  controlsLost: 0,
  openEquipment: 0,
  refused: Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>,
});
