import type { Cancel, Timers } from '../time/timers.ts';
import type { BrokerLedger, BrokerLogger } from './ledger.ts';
import type { BrokerLimits } from './limits.ts';
import { isAudited, type Refusal } from './refusal.ts';

/**
 * Writes refusals to the audit and the service's log: the first of a kind (reason, actor) at once, further
 * ones in the next minute as one line with their count. So nobody can fill the audit by knocking.
 */
export interface RefusalBook {
  note(reason: Refusal, actor: string, detail: Readonly<Record<string, unknown>>): void;
  /** Writes what is still counted, and waits for what is being written. */
  close(): Promise<void>;
}

const OTHERS = 'others';

interface Line {
  readonly reason: Refusal;
  readonly actor: string;
  detail: Readonly<Record<string, unknown>>;
  more: number;
}

export const createRefusalBook = (options: {
  readonly audit: BrokerLedger['audit'];
  readonly logger: BrokerLogger;
  readonly timers: Timers;
  readonly limits: Pick<BrokerLimits, 'auditMs' | 'auditActors'>;
}): RefusalBook => {
  const { audit, logger, timers, limits } = options;
  const lines = new Map<string, Line>();
  const writing = new Set<Promise<void>>();
  let timer: Cancel | null = null;

  const write = (line: Line, count: number): void => {
    const detail = { reason: line.reason, count, ...line.detail };
    logger.warn({ actor: line.actor, ...detail }, 'mqtt refused');
    if (!isAudited(line.reason)) return;
    const entry = {
      atMs: timers.now(),
      actor: line.actor,
      action: 'mqtt.refused',
      subject: line.actor,
      detail,
    };
    const done: Promise<void> = audit
      .add(entry)
      .catch((error: unknown) => logger.error({ error, ...detail }, 'audit could not be written'))
      .finally(() => writing.delete(done));
    writing.add(done);
  };

  const flush = (): void => {
    timer = null;
    for (const line of lines.values()) if (line.more > 0) write(line, line.more);
    lines.clear();
  };

  return {
    note(reason, said, detail) {
      const actor = lines.has(`${reason} ${said}`) || lines.size < limits.auditActors ? said : OTHERS;
      const line = lines.get(`${reason} ${actor}`);
      if (line) {
        line.more++;
        line.detail = detail;
        return;
      }
      const first: Line = { reason, actor, detail, more: 0 };
      lines.set(`${reason} ${actor}`, first);
      write(first, 1);
      timer ??= timers.after(limits.auditMs, flush);
    },
    async close() {
      timer?.();
      flush();
      await Promise.all(writing);
    },
  };
};
