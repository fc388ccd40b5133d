/** What is said in one MQTT message. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  /** Readings or faults in it. */
  readonly count: number;
  /** When each should have been said, by the meter's clock, ms; empty where nobody measures. */
  readonly dueMs: readonly number[];
  /** Was sent before: DUP is set. */
  readonly isDuplicate?: boolean;
}

/**
 * Messages in order, each kept until it was acknowledged. `limit` bounds those that wait: beyond it the oldest is
 * lost, as in the memory of a real controller, and counted.
 */
export interface Queue {
  /** Readings lost by this, because the queue was full. */
  push(message: Message): number;
  /** The next to be sent; it is in flight from now on. */
  take(): Message | undefined;
  acknowledge(message: Message): boolean;
  /** The connection is gone: what was in flight goes first again. */
  rewind(): void;
  /** The memory is gone. Returns how many readings were in it. */
  clear(): number;
  readonly waiting: number;
  readonly inFlight: number;
}

export const createQueue = (limit: number): Queue => {
  let waiting: Message[] = [];
  let head = 0;
  const inFlight = new Set<Message>();
  const compact = (): void => {
    if (head < 512 || head * 2 < waiting.length) return;
    waiting = waiting.slice(head);
    head = 0;
  };
  return {
    push: (message) => {
      waiting.push(message);
      if (waiting.length - head <= limit) return 0;
      const lost = waiting[head]?.count ?? 0;
      head += 1;
      compact();
      return lost;
    },
    take: () => {
      const message = waiting[head];
      if (!message) return undefined;
      head += 1;
      compact();
      inFlight.add(message);
      return message;
    },
    acknowledge: (message) => inFlight.delete(message),
    rewind: () => {
      waiting = [...inFlight, ...waiting.slice(head)];
      head = 0;
      inFlight.clear();
    },
    clear: () => {
      let lost = 0;
      for (const { count } of [...inFlight, ...waiting.slice(head)]) lost += count;
      waiting = [];
      head = 0;
      inFlight.clear();
      return lost;
    },
    get waiting() {
      return waiting.length - head;
    },
    get inFlight() {
      return inFlight.size;
    },
  };
};
