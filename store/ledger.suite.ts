import { afterEach, beforeEach, describe } from 'vitest';
import { alertSuite } from './ledger/suite/alerts.ts';
import { bookSuite } from './ledger/suite/books.ts';
import { changeSuite } from './ledger/suite/changes.ts';
import { type Bench, type LedgerStorage, NOW_MS } from './ledger/suite/fixtures.ts';
import { hourSuite } from './ledger/suite/hours.ts';
import { noticeSuite } from './ledger/suite/notices.ts';
import { outboxSuite } from './ledger/suite/outbox.ts';
import { peopleSuite } from './ledger/suite/people.ts';
import { readerSuite } from './ledger/suite/readers.ts';
import { recordSuite } from './ledger/suite/records.ts';
import { ticketSuite } from './ledger/suite/tickets.ts';
import { transactionSuite } from './ledger/suite/transactions.ts';
import type { Ledger } from './ledger.ts';

export type { LedgerStorage, LedgerSuiteOptions } from './ledger/suite/fixtures.ts';

/** What every ledger must do. `create` makes a place of storage that nothing was stored in yet. */
export const ledgerSuite = (name: string, create: () => Promise<LedgerStorage>): void => {
  describe(`ledger: ${name}`, () => {
    let storage: LedgerStorage;
    let ledger: Ledger;
    let nowMs: number;
    const clock = (): number => nowMs;
    const bench: Bench = {
      ledger: () => ledger,
      reopen: async (options = {}) => {
        await ledger.close();
        ledger = await storage.open({ clock, ...options });
        return ledger;
      },
      setTime: (toMs) => {
        nowMs = toMs;
      },
    };
    beforeEach(async () => {
      nowMs = NOW_MS;
      storage = await create();
      ledger = await storage.open({ clock });
    });
    afterEach(async () => {
      await ledger.close();
      await storage.dispose();
    });

    bookSuite(bench);
    alertSuite(bench);
    ticketSuite(bench);
    peopleSuite(bench);
    readerSuite(bench);
    recordSuite(bench);
    hourSuite(bench);
    changeSuite(bench);
    noticeSuite(bench);
    outboxSuite(bench);
    transactionSuite(bench);
  });
};
