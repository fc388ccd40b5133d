import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ticket } from '../../../core/ticket/ticket.ts';
import { after, line, ticket } from '../../../store/ledger/suite/fixtures.ts';
import type { Ledger } from '../../../store/ledger.ts';
import { openPostgresLedger } from '../../../store/postgres/ledger.ts';
import { openSqliteLedger } from '../../../store/sqlite/ledger.ts';
import { postgresBin, startPostgres } from '../../servers/postgres.ts';

export interface LedgerMeasured {
  /** Many ask at once, as after an outage. */
  readonly opensPerS: number;
  /** One after the other, ms each: a ticket opens; it goes on by a step. */
  readonly openMs: readonly number[];
  readonly stepMs: readonly number[];
}

export interface LedgerKind {
  readonly label: string;
  readonly isThere: boolean;
  readonly start: () => Promise<{ readonly ledger: Ledger; stop(): Promise<void> }>;
}

const sqlite = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-bench-'));
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), clock: Date.now });
  const stop = async (): Promise<void> => {
    await ledger.close();
    await rm(folder, { recursive: true });
  };
  return { ledger, stop };
};

const postgres = async () => {
  // Commits wait for the disk, unlike in the tests.
  const server = await startPostgres(postgresBin() as string, { isDurable: true });
  const ledger = await openPostgresLedger({ url: await server.database(), clock: Date.now });
  const stop = async (): Promise<void> => {
    await ledger.close();
    await server.stop();
  };
  return { ledger, stop };
};

export const ledgerKinds = (): readonly LedgerKind[] => [
  { label: 'SQLite, embedded', isThere: true, start: sqlite },
  { label: 'PostgreSQL', isThere: postgresBin() !== null, start: postgres },
];

const AT_ONCE = 100;

const opened = async (ledger: Ledger, one: Ticket): Promise<void> => {
  const { opened: isNew } = await ledger.tickets.open(one, line(one, 'opened'));
  if (!isNew) throw new Error(`${one.id} was not opened`);
};

export const measureLedger = async (kind: LedgerKind, tickets: number): Promise<LedgerMeasured> => {
  const { ledger, stop } = await kind.start();
  try {
    const made = (name: string, i: number): Ticket => ticket({ id: `${name}-${i}`, unit: `${name}-${i}` });
    const startMs = performance.now();
    for (let at = 0; at < tickets; at += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => opened(ledger, made('many', at + i))));
    const tookS = (performance.now() - startMs) / 1_000;
    const [openMs, stepMs]: [number[], number[]] = [[], []];
    for (let i = 0; i < tickets / 4; i++) {
      const one = made('one', i);
      const beforeMs = performance.now();
      await opened(ledger, one);
      const betweenMs = performance.now();
      const next = after(one, { state: 'dispatched', crew: 'c1' });
      if (!(await ledger.tickets.step(next, line(next, 'dispatched')))) throw new Error('no step');
      openMs.push(betweenMs - beforeMs);
      stepMs.push(performance.now() - betweenMs);
    }
    return { opensPerS: (Math.ceil(tickets / AT_ONCE) * AT_ONCE) / tookS, openMs, stepMs };
  } finally {
    await stop();
  }
};
