import { dirname } from 'node:path';
import type { Command } from 'commander';
import { type Config, readConfig, readConfigFile } from '../config.ts';
import type { Ledger } from '../store/ledger.ts';
import { openSqliteLedger } from '../store/sqlite/ledger.ts';
import { makePrivateFolder } from '../store/sqlite/private.ts';
import { Failure } from './failure.ts';

/** The configuration of a command: `--config FILE` of the program, and the environment. */
export const configOf = (command: Command): Config => {
  const { config: path } = command.optsWithGlobals<{ config?: string }>();
  return readConfig(process.env, path === undefined ? {} : readConfigFile(path));
};

/** Runs `work` on the ledger that the configuration names, also while the service runs, and closes it. */
export const withLedger = async <T>(
  command: Command,
  work: (ledger: Ledger, nowMs: number) => Promise<T>,
): Promise<T> => {
  const { ledgerPath } = configOf(command);
  try {
    makePrivateFolder(dirname(ledgerPath));
  } catch (cause) {
    throw new Failure(
      `${dirname(ledgerPath)}: can't be made (${(cause as NodeJS.ErrnoException).code}); set PRECALL_DATA to a folder that can be written`,
    );
  }
  const ledger = await openSqliteLedger({ path: ledgerPath, clock: Date.now });
  try {
    return await work(ledger, Date.now());
  } finally {
    await ledger.close();
  }
};

/** Who types the command, for the audit: the operating system's user, never a name from an argument. */
export const operator = (): string =>
  `cli:${process.env.USER ?? process.env.LOGNAME ?? process.getuid?.() ?? 'unknown'}`;
