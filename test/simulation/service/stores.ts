import type { LogRecord } from '../../../store/log.ts';
import { type MemoryLedger, newMemoryLedger } from '../../../store/memory/ledger.ts';
import { type MemoryLog, newMemoryLog } from '../../../store/memory/log.ts';
import { type MemoryTelemetry, newMemoryTelemetry } from '../../../store/memory/telemetry.ts';
import { decodeGroup } from '../../../store/sqlite/log.codec.ts';
import type { Thread } from '../../../store/sqlite/thread.ts';

/** What outlives every process: the disks. */
export interface Disks {
  readonly log: MemoryLog;
  readonly ledger: MemoryLedger;
  readonly telemetry: MemoryTelemetry;
  /** Every record that was ever committed to the log, also those that were trimmed since. */
  readonly history: readonly LogRecord[];
  /** Stands in the log's way to its disk and keeps what is written. */
  readonly recording: (thread: Thread) => Thread;
  dispose(): void;
}

export const newDisks = (onRecord: (record: LogRecord) => void): Disks => {
  const log = newMemoryLog('simulated-log');
  const ledger = newMemoryLedger({ reads: 'in-turn' });
  const telemetry = newMemoryTelemetry();
  const history: LogRecord[] = [];
  const recording = (thread: Thread): Thread => ({
    ...thread,
    call: async <T>(method: string, args: readonly unknown[]): Promise<T> => {
      const answer = await thread.call<T>(method, args);
      if (method === 'append')
        for (const record of decodeGroup(args[2] as Uint8Array)) {
          history.push(record);
          onRecord(record);
        }
      return answer;
    },
  });
  return {
    log,
    ledger,
    telemetry,
    history,
    recording,
    dispose: () => {
      log.dispose();
      ledger.dispose();
      telemetry.dispose();
    },
  };
};
