import type { Change, Ledger } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';
import { rowsOf } from '../store/rows.ts';

export interface ModelsOptions {
  readonly log: Pick<Log, 'append' | 'id'>;
  readonly ledger: Pick<Ledger, 'equipment' | 'settings' | 'changes' | 'head' | 'onChange'>;
  /** Unix ms. */
  readonly clock: () => number;
}

export interface ModelTeller {
  /** To be called every second or so: tells the models that were entered or changed since. */
  look(): Promise<void>;
  /** Looks no more; what is under way is finished. */
  close(): Promise<void>;
}

interface Told {
  readonly log: string;
  /** Changes of the ledger up to here are told. */
  readonly cursor: string | null;
}

const KEY = 'models:0';
const BATCH = 200;
const TOGETHER = 500;
/** So many changes that concern no model may be read again after a start. */
const PASS_OVER = 1_000;

interface Model {
  readonly id: string;
  readonly model: string;
}

const concerns = ({ kind, what }: Change): boolean =>
  kind === 'equipment' && (what === 'added' || what === 'changed');

/**
 * Tells the log which model each equipment is registered as, at least once: rules, and what peers do, depend on it,
 * and few machines say it themselves. All of them for a log that was told nothing yet; then what changes.
 */
export const createModelTeller = async (options: ModelsOptions): Promise<ModelTeller> => {
  const { log, ledger, clock } = options;
  const before = await ledger.settings.get(KEY);
  let told = before === null ? null : (JSON.parse(before) as Told);
  let mayHaveMore = true;
  let passedOver = 0;
  let running: Promise<void> = Promise.resolve();

  const append = async (equipment: readonly Model[]): Promise<void> => {
    if (equipment.length === 0) return;
    await log.append({ kind: 'control', receivedAtMs: clock(), control: { type: 'registered', equipment } });
  };

  const note = async (cursor: string | null): Promise<void> => {
    told = { log: log.id, cursor };
    passedOver = 0;
    await ledger.settings.set(KEY, JSON.stringify(told));
  };

  const tellAll = async (): Promise<void> => {
    const head = await ledger.head();
    let some: Model[] = [];
    for await (const { id, model } of rowsOf((page) => ledger.equipment.list(page))) {
      some.push({ id, model });
      if (some.length < TOGETHER) continue;
      await append(some);
      some = [];
    }
    await append(some);
    await note(head);
  };

  const tellChanges = async (changes: readonly Change[]): Promise<void> => {
    const cursor = changes.at(-1)?.cursor ?? null;
    const found: Model[] = [];
    for (const id of new Set(changes.filter(concerns).map((change) => change.id))) {
      const equipment = await ledger.equipment.get(id);
      if (equipment) found.push({ id, model: equipment.model });
    }
    await append(found);
    passedOver += changes.length;
    if (found.length > 0 || passedOver >= PASS_OVER) await note(cursor);
    else told = { log: log.id, cursor };
  };

  const catchUp = async (): Promise<void> => {
    while (mayHaveMore) {
      mayHaveMore = false;
      if (told === null || told.log !== log.id) await tellAll();
      const changes = await ledger.changes((told as Told).cursor, BATCH);
      if (changes.length > 0) await tellChanges(changes);
      if (changes.length === BATCH) mayHaveMore = true;
    }
  };

  const look = async (): Promise<void> => {
    try {
      await catchUp();
    } catch (error) {
      // Tried again by the next look; what was trimmed unread may have been of any equipment.
      mayHaveMore = true;
      if ((error as Error).name !== 'ChangesLostError' && (error as Error).name !== 'CursorError')
        throw error;
      told = null;
    }
  };

  const stop = ledger.onChange(() => {
    mayHaveMore = true;
  });
  return {
    look: () => {
      running = running.catch(() => undefined).then(look);
      return running;
    },
    close: async () => {
      stop();
      await running.catch(() => undefined);
    },
  };
};
