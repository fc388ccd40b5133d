import type { Message } from '../../core/notice/message.ts';
import type { Channel } from '../../store/notices.ts';

/** One message on its way to one channel, for the kind of channel that carries it. One kind per file. */
export interface Outgoing {
  /** The same for every attempt, so that a receiver can tell that it has it already. */
  readonly id: string;
  readonly channel: Channel;
  readonly secret: string;
  readonly message: Message;
  readonly nowMs: number;
}

export type Sent =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** A named reason: `http-503`, `timeout`, `refused-address`, … */
      readonly reason: string;
      /** Trying again would change nothing. */
      readonly final: boolean;
      /** What the other side asked for. */
      readonly retryAfterMs: number | null;
    };

/** Never throws for what the other side or the network does. `signal` ends it at once. */
export type Notify = (outgoing: Outgoing, signal: AbortSignal) => Promise<Sent>;
