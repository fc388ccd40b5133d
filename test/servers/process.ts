import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A port of this machine that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { readonly port: number };
  probe.close();
  await once(probe, 'close');
  return port;
};

/** Ends it, unless it has ended, and waits for that. */
export const end = async (child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> => {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
};

/** The processes that a process started and that still run (Linux). */
export const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // After the name, in brackets: state, parent.
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        // ended meanwhile
        return false;
      }
    });

const TRY_MS = 100;

/** Asks again until it answers. @throws when it ends, or does not answer within `forMs` */
export const answering = async (
  name: string,
  child: ChildProcess,
  ask: () => Promise<boolean>,
  forMs = 20_000,
): Promise<void> => {
  for (let tries = 0; tries * TRY_MS < forMs; tries++) {
    if (await ask().catch(() => false)) return;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    await wait(TRY_MS);
  }
  throw new Error(`${name} did not answer within ${forMs / 1_000} s`);
};
