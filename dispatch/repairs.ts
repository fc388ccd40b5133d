import type { Ledger } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';
import { rowsOf } from '../store/rows.ts';

const CURSOR = 'desk-repairs-cursor';
const BATCH = 200;

/**
 * Tells the log that a crew said "done", so that the engine watches for recovery. The record is durable before
 * the cursor moves: at least once, and the engine takes it once. A full log holds up nothing but this.
 */
export const createRepairTeller = (
  ledger: Ledger,
  log: Pick<Log, 'append'>,
  clock: () => number,
  onTold: () => void,
): (() => Promise<boolean>) => {
  const tell = async (ticketId: string): Promise<void> => {
    const ticket = await ledger.tickets.get(ticketId);
    if (!ticket || ticket.resolvedAtMs === null) return;
    await log.append({
      kind: 'control',
      receivedAtMs: clock(),
      control: {
        type: 'repaired',
        equipment: ticket.equipment,
        unit: ticket.unit,
        component: ticket.component,
        repairedAtMs: ticket.resolvedAtMs,
        ticket: ticket.id,
      },
    });
    onTold();
  };

  /** Changes were trimmed unread: every ticket that waits for its recovery is told again. */
  const tellAll = async (): Promise<void> => {
    const resolved = rowsOf((page) => ledger.tickets.list({ ...page, state: ['resolved'] }));
    for await (const { id } of resolved) await tell(id);
  };

  return async () => {
    const cursor = await ledger.settings.get(CURSOR);
    try {
      const changes = await ledger.changes(cursor, BATCH);
      for (const change of changes) {
        if (change.kind !== 'ticket' || change.what !== 'resolve') continue;
        await tell(change.id);
        await ledger.settings.set(CURSOR, change.cursor);
      }
      const last = changes.at(-1);
      if (last) await ledger.settings.set(CURSOR, last.cursor);
      return changes.length === BATCH;
    } catch (error) {
      if ((error as Error).name !== 'ChangesLostError') throw error;
      const head = await ledger.head();
      await tellAll();
      if (head !== null) await ledger.settings.set(CURSOR, head);
      return true;
    }
  };
};
