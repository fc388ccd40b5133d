import { dirname } from 'node:path';
import type { Command } from 'commander';
import { type Config, readConfig, readConfigFile } from '../config.ts';
import type { Ledger } from '../store/ledger.ts';
import { makePrivateFolder } from '../store/sqlite/private.ts';
import { openLedger } from '../stores.ts';
import { refuseUnfinished } from './backup/unfinished.ts';
import { Failure } from './failure.ts';

/** The configuration of a command: `--config FILE` of the program, and the environment. */
export const configOf = (command: Command): Config => {
  const { config: path } = command.optsWithGlobals<{ config?: string }>();
  return readConfig(process.env, path === undefined ? {} : readConfigFile(path));
};

const makeFolder = (folder: string): void => {
  try {
    makePrivateFolder(folder);
  } catch (cause) {
    throw new Failure(
      `${folder}: can't be made (${(cause as NodeJS.ErrnoException).code}); set PRECALL_DATA to a folder that can be written`,
    );
  }
};

/** Runs `work` on the ledger that the configuration names, also while the service runs, and closes it. */
export const withLedger = async <T>(
  command: Command,
  work: (ledger: Ledger, nowMs: number) => Promise<T>,
): Promise<T> => {
  const config = configOf(command);
  refuseUnfinished(config);
  const { ledger: place } = config;
  if (place.kind === 'sqlite') makeFolder(dirname(place.path));
  const ledger = await openLedger(place, Date.now);
  try {
    return await work(ledger, Date.now());
  } finally {
    await ledger.close();
  }
};

/** Who types the command, for the audit: the operating system's user, never a name from an argument. */
export const operator = (): string =>
  `cli:${process.env.USER ?? process.env.LOGNAME ?? process.getuid?.() ?? 'unknown'}`;
