/**
 * Another process that has the ledger open, for the tests beside it:
 * `ledger.child.ts FILE commit FROM` commits numbered transactions for ever and prints each number once it
 * is committed; `ledger.child.ts FILE add ID` writes as the command line does, and ends.
 */
import { event, line, NOW_MS, ticket } from '../ledger/suite/fixtures.ts';
import { openSqliteLedger } from './ledger.ts';

const [path = '', task = '', argument = ''] = process.argv.slice(2);
const ledger = await openSqliteLedger({ path, clock: () => NOW_MS });

const add = async (id: string): Promise<void> => {
  await ledger.transaction(async (tx) => {
    await tx.equipment.put({ id, site: 's1', model: 'PSH-7', name: id }, NOW_MS);
    await tx.credentials.put({ id, secretHash: 'ab', equipment: [{ id, site: 's1' }] }, NOW_MS);
  });
  await ledger.close();
};

const commit = async (from: number): Promise<never> => {
  const lease = await ledger.readers.claim('watcher', 0);
  for (let n = from; ; n += 1) {
    await ledger.transaction(async (tx) => {
      const one = ticket({ id: `t${n}`, unit: `bay${n}`, alerts: [`a${n}`] });
      await tx.alerts.apply([event(n, 'raised', { alert: `a${n}` })]);
      await tx.tickets.open(one, line(one, 'opened'));
      await tx.readers.saveCheckpoints('watcher', 0, [{ key: 'g1', state: String(n) }]);
      await tx.audit.add({ atMs: n, actor: 'system', action: 'test', subject: `t${n}`, detail: {} });
      await tx.readers.commit(lease, n);
    });
    process.stdout.write(`${n}\n`);
  }
};

if (task === 'add') await add(argument);
else await commit(Number(argument));
