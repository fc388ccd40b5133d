import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { systemTimers } from '../../time/system.ts';
import { type Broker, type BrokerOptions, startBroker } from '../broker.ts';
import { createMemoryLedger, type MemoryLedger } from './memory-ledger.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { connack, connectPacket, connectRaw, type RawClient, type RawConnect } from './raw.ts';

export const SITE = 'plaza';
export const SECRET = 'correct-horse';
export const topic = (equipment: string, channel: string): string => `v1/${SITE}/${equipment}/${channel}`;

export interface Bench {
  readonly broker: Broker;
  readonly log: MemoryLog;
  readonly ledger: MemoryLedger;
  /** Connects in bytes and waits for CONNACK 0. */
  signIn(id: string, more?: Partial<RawConnect>): Promise<RawClient>;
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** A broker on a free port with the machines G-1 and G-2 on site `plaza`; closed when the test ends. */
export const startBench = async (options: Partial<BrokerOptions> = {}): Promise<Bench> => {
  const log = createMemoryLog();
  const ledger = createMemoryLedger();
  for (const id of ['G-1', 'G-2']) ledger.provision(id, SECRET, [{ id, site: SITE }]);
  const broker = await startBroker({
    listen: { host: '127.0.0.1', port: 0 },
    log,
    ledger,
    logger: quiet,
    timers: systemTimers,
    newId: randomUUID,
    ...options,
    limits: { lingerMs: 100, ...options.limits },
  });
  onTestFinished(async () => {
    log.release();
    await broker.close();
  });
  const signIn: Bench['signIn'] = async (id, more = {}) => {
    const client = await connectRaw(broker.port);
    client.send(connectPacket({ clientId: id, username: id, password: SECRET, ...more }));
    const answer = await client.receive(4);
    // The second byte of the answer says whether a session was kept.
    if (!answer.subarray(0, 2).equals(connack(0).subarray(0, 2)) || answer[3] !== 0)
      throw new Error(`sign-in refused: ${answer.toString('hex')}`);
    return client;
  };
  return { broker, log, ledger, signIn };
};

/** Waits until `probe` holds, at most `ms`. */
export const until = async (what: string, probe: () => boolean, ms = 5_000): Promise<void> => {
  const end = Date.now() + ms;
  while (!probe()) {
    if (Date.now() > end) throw new Error(`did not happen within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
