import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { type App, type AppOptions, startApp } from '../app.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import type { Config } from '../config.ts';
import { systemTimers } from '../time/system.ts';
import { refuseUnfinished } from './backup/unfinished.ts';

/** The edge where time, chance and log are real. */
export const startReal = async (
  config: Config,
  more: Pick<AppOptions, 'setupToken'> & { readonly logLevel: string },
): Promise<App> => {
  refuseUnfinished(config);
  return startApp({
    config,
    catalogue: await loadCatalogue(),
    timers: systemTimers,
    newId: randomUUID,
    logger: pino({ level: more.logLevel, redact: ['req.headers.authorization', 'req.headers.cookie'] }),
    setupToken: more.setupToken ?? null,
  });
};

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.once('SIGINT', () => process.exit(1));
      process.once('SIGTERM', () => process.exit(1));
      resolve(signal);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
