import type { Timers } from '../../time/timers.ts';
import { openDatabaseInMemory } from '../sqlite/file.ts';
import { telemetryDatabase } from '../sqlite/telemetry.file.ts';
import { telemetryReaderCalls } from '../sqlite/telemetry.reader-calls.ts';
import { openTelemetryOn } from '../sqlite/telemetry.ts';
import { telemetryWriterCalls } from '../sqlite/telemetry.writer-calls.ts';
import type { TelemetryStore } from '../telemetry.ts';
import { directly, inlineThread, type Through } from './inline.ts';

export interface MemoryTelemetryOptions {
  readonly timers?: Pick<Timers, 'soon'>;
  readonly through?: Through;
}

/** A telemetry store that outlives whoever opens it. */
export interface MemoryTelemetry {
  open(options?: MemoryTelemetryOptions): TelemetryStore;
  dispose(): void;
}

const PATH = 'memory';

/** The embedded telemetry store in this thread, on a database in memory: the same code, without a disk. */
export const newMemoryTelemetry = (): MemoryTelemetry => {
  const db = openDatabaseInMemory(telemetryDatabase(PATH));
  const reads = telemetryReaderCalls(db, PATH);
  const open: MemoryTelemetry['open'] = ({ timers, through = directly } = {}) => {
    // What a writer keeps in memory goes with its process.
    const writer = through(inlineThread(telemetryWriterCalls(db, PATH)));
    return openTelemetryOn({ writer, reader: through(inlineThread(reads)) }, timers);
  };
  return { open, dispose: () => db.close() };
};
