import { Client, type ClientConfig } from 'pg';

export interface Listener {
  close(): Promise<void>;
}

const AGAIN_MS = 1_000;

/**
 * Hears one channel on a connection of its own, and connects anew where that is lost. What is said meanwhile is not
 * heard: whoever listens looks by itself now and then, too.
 */
export const listen = (config: ClientConfig, channel: string, onNotice: () => void): Listener => {
  let isClosed = false;
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;

  const again = (): void => {
    if (isClosed || timer) return;
    timer = setTimeout(() => {
      timer = null;
      void connect();
    }, AGAIN_MS);
    timer.unref();
  };

  const drop = (which: Client): void => {
    if (client !== which) return;
    client = null;
    which.removeAllListeners('notification');
    void which.end().catch(() => undefined);
    again();
  };

  const connect = async (): Promise<void> => {
    const mine = new Client(config);
    client = mine;
    mine.on('error', () => drop(mine));
    mine.on('end', () => drop(mine));
    mine.on('notification', onNotice);
    try {
      await mine.connect();
      await mine.query(`listen ${channel}`);
      // What was committed while nobody listened.
      if (!isClosed) onNotice();
    } catch {
      drop(mine);
    }
  };
  void connect();

  return {
    close: async () => {
      isClosed = true;
      if (timer) clearTimeout(timer);
      const last = client;
      client = null;
      await last?.end().catch(() => undefined);
    },
  };
};
