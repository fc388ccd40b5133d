import type { Server } from 'node:http';
import type { Timers } from '../time/timers.ts';
import { buildApi } from './build.ts';
import type { HttpApp } from './context.ts';
import type { StartOptions } from './options.ts';

export interface Api {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly server: Server;
  /** Ends the streams, lets requests under way finish for a moment, closes the port. */
  close(): Promise<void>;
}

/** A download that is still going on after this is cut off. */
const FINISH_MS = 5_000;

const closeWithin = async (app: HttpApp, timers: Timers, ms: number): Promise<void> => {
  const stopWaiting = timers.after(ms, () => app.server.closeAllConnections());
  await app.close();
  stopWaiting();
};

/** @throws the listen error (`EADDRINUSE`, `EACCES`) where the address can't be had */
export const startApi = async (options: StartOptions): Promise<Api> => {
  const { app } = await buildApi(options);
  try {
    const url = await app.listen({ ...options.listen, backlog: 1_024 });
    return { url, server: app.server, close: () => closeWithin(app, options.timers, FINISH_MS) };
  } catch (error) {
    await app.close();
    throw error;
  }
};
