export interface ChangeWatch {
  /** Returns the unsubscribe function. */
  onChange(listener: () => void): () => void;
  /** A commit of our own wrote changes up to this number. */
  committed(lastChange: number): void;
  close(): Promise<void>;
}

export interface WatchedDatabase {
  /** Changes whenever anybody committed. */
  readonly dataVersion: () => Promise<number>;
  /** Number of the last change; 0 when there is none. */
  readonly lastChange: () => Promise<number>;
}

/**
 * Tells listeners of new changes: of our own at once, of other processes' by looking every `pollMs`
 * whether anybody committed. Several commits in one turn of the event loop are told once.
 */
export const watchChanges = (
  database: WatchedDatabase,
  start: { readonly dataVersion: number; readonly lastChange: number },
  pollMs: number,
): ChangeWatch => {
  const listeners = new Set<() => void>();
  let { dataVersion, lastChange: told } = start;
  let telling = false;
  let looking: Promise<void> | null = null;

  const tell = (lastChange: number): void => {
    if (lastChange <= told) return;
    told = lastChange;
    if (telling) return;
    telling = true;
    queueMicrotask(() => {
      telling = false;
      for (const listener of [...listeners]) listener();
    });
  };

  const look = async (): Promise<void> => {
    const now = await database.dataVersion();
    if (now === dataVersion) return;
    tell(await database.lastChange());
    dataVersion = now;
  };

  const timer = setInterval(() => {
    // One look at a time. A failed look is tried again at the next tick; a dead thread fails every call.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  }, pollMs);
  timer.unref();

  return {
    onChange: (listener) => {
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    committed: tell,
    close: async () => {
      clearInterval(timer);
      listeners.clear();
      await looking;
    },
  };
};
