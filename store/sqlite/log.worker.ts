import type { DatabaseSync } from 'node:sqlite';
import { inUseError, openDatabaseFile } from './file.ts';
import { takeFileLock } from './lock.ts';
import { type LogFile, logCalls, logDatabase } from './log.calls.ts';
import { serve } from './thread.ts';

/** One process writes the log; others may read its file meanwhile. */
const openAlone = (path: string): { readonly db: DatabaseSync; readonly release: () => void } => {
  const file = logDatabase(path);
  const lock = takeFileLock(path);
  if (lock === null) throw inUseError(file);
  try {
    return { db: openDatabaseFile(file), release: lock.release };
  } catch (cause) {
    lock.release();
    throw cause;
  }
};

serve((file: LogFile) => {
  const { db, release } = openAlone(file.path);
  const calls = logCalls(db, file);
  return {
    ...calls,
    close: () => {
      calls.close();
      release();
    },
  };
});
