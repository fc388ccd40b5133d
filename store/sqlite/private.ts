import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What lies on the disk is for its owner alone: the ledger holds hashes of secrets, log and telemetry tell
 * when people are at home. A folder that is there already keeps its mode: it may hold other things, too.
 */
export const makePrivateFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
};

const closeToOthers = (path: string): void => {
  try {
    const found = statSync(path);
    if (found.isFile() && (found.mode & 0o077) !== 0) chmodSync(path, 0o600);
  } catch {
    // Not there, or another's: whoever opens it says what is wrong.
  }
};

/**
 * Makes an empty database file and its folder where they are missing, and takes rights from older files.
 * SQLite gives the files beside it the same mode.
 */
export const makePrivateFile = (path: string): void => {
  makePrivateFolder(dirname(path));
  try {
    // Only one that is new is opened here: closing one that is in use would end SQLite's locks on it.
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // There already, or it can't be: opening it says so, with the mend.
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) closeToOthers(file);
};
