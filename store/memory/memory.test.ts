import { describe, expect, it } from 'vitest';
import { virtualTime } from '../../time/virtual.ts';
import { line, NOW_MS, ticket } from '../ledger/suite/fixtures.ts';
import { ledgerSuite } from '../ledger.suite.ts';
import { logSuite, tick } from '../log.suite.ts';
import { telemetrySuite } from '../telemetry.suite.ts';
import type { Through } from './inline.ts';
import { newMemoryLedger } from './ledger.ts';
import { newMemoryLog } from './log.ts';
import { newMemoryTelemetry } from './telemetry.ts';

let logs = 0;

/** Answers come in a turn of the event loop of their own, as from a thread. */
const aTurnLater: Through = (thread) => ({
  ...thread,
  call: async <T>(method: string, args: readonly unknown[]): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    return thread.call<T>(method, args);
  },
});

ledgerSuite('memory', async () => {
  const storage = newMemoryLedger();
  return {
    open: (options) => storage.open({ ...options, through: aTurnLater }),
    dispose: async () => storage.dispose(),
  };
});

logSuite('memory', async () => {
  logs += 1;
  const storage = newMemoryLog(`memory-${logs}`);
  return {
    open: (options) => storage.open({ ...options, through: aTurnLater }),
    dispose: async () => storage.dispose(),
  };
});

telemetrySuite('memory', async () => {
  const storage = newMemoryTelemetry();
  return { open: async () => storage.open({ through: aTurnLater }), dispose: async () => storage.dispose() };
});

describe('a process that dies', () => {
  it('rolls back its open transaction and lets the others in', async () => {
    const storage = newMemoryLedger();
    const dying = await storage.open({ clock: () => NOW_MS });
    const living = await storage.open({ clock: () => NOW_MS });
    let reached = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      reached = resolve;
    });
    void dying.transaction(async (tx) => {
      await tx.tickets.open(ticket(), line(ticket(), 'opened'));
      reached();
      await new Promise(() => {});
    });
    await written;
    const waiting = living.tickets.get('t1');
    dying.kill();
    expect(await waiting).toBeNull();
    await living.tickets.open(ticket(), line(ticket(), 'opened'));
    expect((await living.tickets.get('t1'))?.id).toBe('t1');
    storage.dispose();
  });

  it('is not waited for, and hears nothing any more', async () => {
    const storage = newMemoryLedger();
    const dying = await storage.open({ clock: () => NOW_MS });
    const living = await storage.open({ clock: () => NOW_MS });
    let heard = 0;
    dying.onChange(() => {
      heard += 1;
    });
    let isAnswered = false;
    dying.kill();
    void dying.settings.get('x').then(() => {
      isAnswered = true;
    });
    await living.tickets.open(ticket(), line(ticket(), 'opened'));
    await new Promise((resolve) => setImmediate(resolve));
    expect([heard, isAnswered]).toEqual([0, false]);
    storage.dispose();
  });

  it('tells the others what it committed, also when it did not live to hear so itself', async () => {
    const storage = newMemoryLedger();
    const living = await storage.open({ clock: () => NOW_MS });
    const dying = await storage.open({
      clock: () => NOW_MS,
      through: (thread) => ({
        ...thread,
        call: async <T>(method: string, args: readonly unknown[]): Promise<T> => {
          const answer = await thread.call<T>(method, args);
          if (method === 'commit') dying.kill();
          return answer;
        },
      }),
    });
    const heard = new Promise<void>((resolve) => {
      living.onChange(resolve);
    });
    void dying.tickets.open(ticket(), line(ticket(), 'opened'));
    await heard;
    expect((await living.tickets.get('t1'))?.id).toBe('t1');
    storage.dispose();
  });

  it('takes with it what its log had not written', async () => {
    const time = virtualTime(0);
    const storage = newMemoryLog('memory-log');
    const process = time.process();
    const dying = await storage.open({ timers: process });
    let isStored = false;
    void dying.append(tick(1)).then(() => {
      isStored = true;
    });
    process.end();
    await time.advance(1_000);
    expect(isStored).toBe(false);
    const next = await storage.open({ timers: time.process() });
    expect(await next.read(-1, 10)).toEqual([]);
    storage.dispose();
  });
});
