/** How much may wait for the log at once, over all connections. */
export interface Window {
  isOpen(): boolean;
  enter(bytes: number): void;
  leave(bytes: number): void;
  /** Calls `wake` once when there is room again. Waiting twice with one function is waiting once. */
  wait(wake: () => void): void;
  forget(wake: () => void): void;
  /** Resolves when nothing is inside. */
  idle(): Promise<void>;
  stats(): { readonly messages: number; readonly bytes: number; readonly waiting: number };
}

/**
 * Shuts at a limit and opens again at half of it: otherwise every message that leaves would wake
 * thousands of connections for one free place. While it is shut something is inside, so it does open.
 */
export const createWindow = (maxMessages: number, maxBytes: number): Window => {
  const waiting = new Set<() => void>();
  let messages = 0;
  let bytes = 0;
  let shut = false;
  let idlers: (() => void)[] = [];
  const empty = (): void => {
    for (const resolve of idlers) resolve();
    idlers = [];
  };
  return {
    isOpen: () => !shut,
    enter(size) {
      messages++;
      bytes += size;
      if (messages >= maxMessages || bytes >= maxBytes) shut = true;
    },
    leave(size) {
      messages--;
      bytes -= size;
      if (messages === 0) empty();
      if (!shut || messages > maxMessages / 2 || bytes > maxBytes / 2) return;
      shut = false;
      for (const wake of [...waiting]) {
        if (shut) return;
        waiting.delete(wake);
        wake();
      }
    },
    wait: (wake) => void waiting.add(wake),
    forget: (wake) => void waiting.delete(wake),
    idle: () => (messages === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    stats: () => ({ messages, bytes, waiting: waiting.size }),
  };
};
