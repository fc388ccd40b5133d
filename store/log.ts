import type { ModelPopulation } from '../core/detect/population.ts';
import type { Warmth } from '../core/detect/warm.ts';
import type { Rules } from '../core/rules/rules.ts';
import type { Reading } from '../core/telemetry/reading.ts';

/**
 * Contract: the log, the truth of what was heard. Append-only records per partition, each with a growing
 * offset. Several readers follow it, each with an offset of its own (kept in the ledger).
 *
 * Suite: `store/log.suite.ts`; every adapter runs it.
 */
export type Channel = 'telemetry' | 'fault' | 'status';

/** What equipment did not send, but the engine must know. */
export type Control =
  | { readonly type: 'connected'; readonly connectionId: string; readonly equipment: readonly string[] }
  | { readonly type: 'disconnected'; readonly connectionId: string; readonly equipment: readonly string[] }
  | {
      /** A crew says that the item was repaired: recovery may now be seen, a replaced part relearns. */
      readonly type: 'repaired';
      readonly equipment: string;
      readonly unit: string;
      readonly component: string;
      readonly repairedAtMs: number;
      readonly ticket: string;
    }
  | {
      /** What the detectors judge by from here on, whole. `version` names exactly these rules. */
      readonly type: 'rules';
      readonly version: string;
      readonly rules: Rules;
    }
  | {
      /** The models of equipment as people entered them; what is not listed is as before. */
      readonly type: 'registered';
      readonly equipment: readonly { readonly id: string; readonly model: string }[];
    }
  | {
      /** What the history of a unit taught, which the watcher has not lived through; null: there is no more of it. */
      readonly type: 'warmed';
      readonly equipment: string;
      readonly unit: string;
      readonly warmth: Warmth | null;
    }
  | {
      /** What the watcher worked out beside what was measured (core/telemetry/derived.ts): for the recorder. */
      readonly type: 'derived';
      readonly readings: readonly Reading[];
    }
  | {
      /** How the machines of one model are, taken together: what each of them is compared with from here on. */
      readonly type: 'population';
      readonly population: ModelPopulation;
    };

export type LogEntry =
  | {
      readonly kind: 'message';
      readonly receivedAtMs: number;
      readonly equipment: string;
      readonly site: string;
      readonly channel: Channel;
      readonly connectionId: string;
      /** As it came, not yet parsed; at most 256 KiB. */
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'control'; readonly receivedAtMs: number; readonly control: Control }
  /** One per second: how time passes for the engine. A gap in the ticks means that the service was down. */
  | { readonly kind: 'tick'; readonly receivedAtMs: number };

export type LogRecord = LogEntry & { readonly partition: number; readonly offset: number };

export interface LogStats {
  /** First offset still held; equals `nextOffset` when empty. */
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** Bytes held, payload and overhead. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Records in groups that are being written now. */
  readonly pending: number;
  /** Groups committed since start, and the records in them. */
  readonly groups: number;
  readonly appended: number;
  /** Appends refused because the log is at its limit. */
  readonly refused: number;
  /** Why nothing is stored any more until the service starts again, with the mend; null while all is well. */
  readonly broken: string | null;
}

/** The log is at `maxBytes`, or its queue of unwritten records is full: not stored, do not acknowledge. */
export class LogFullError extends Error {
  override readonly name = 'LogFullError';
}

export interface Log {
  /**
   * Made when the log was made, random, and kept with it: an offset says something only about the log that
   * gave it. `adoptLog` (store/adopt.ts) holds a log and a ledger together by it.
   */
  readonly id: string;
  /**
   * Resolves with the record's offset once it is durable (fsynced, or replicated). Entries appended
   * together are committed in one group; offsets follow the order of the calls.
   * @throws LogFullError
   */
  append(entry: LogEntry): Promise<number>;
  /**
   * Up to `limit` records with an offset greater than `after` (-1: from the first held), in order.
   * Fewer may come where payloads are large: only an empty answer means that nothing follows yet.
   */
  read(after: number, limit: number): Promise<readonly LogRecord[]>;
  /** Calls `listener` after each committed group. Returns the unsubscribe function. */
  onAppend(listener: () => void): () => void;
  /**
   * May drop records with an offset less than `offset` (whole groups only). Returns how many it dropped.
   * @throws RangeError when `offset` is beyond `nextOffset`: it is not one of this log's. Nothing is dropped.
   */
  trim(offset: number): Promise<number>;
  /**
   * For a log that holds nothing: its next record gets `offset`, or a later one where it stood further on.
   * @throws when it holds records, or some are being written
   */
  skipTo(offset: number): Promise<void>;
  stats(): Promise<LogStats>;
  close(): Promise<void>;
}
