import type { Context } from '../context.ts';
import type { LiveClient } from './client.ts';
import { concerns, resetReasonOf, resetText } from './frame.ts';
import { changeFrames } from './frames.ts';

type Sources = Pick<Context, 'ledger' | 'telemetry' | 'catalogue' | 'clock'>;

const BATCH = 200;
/** Whoever missed more is told to read everything anew: that is less work for both. */
const MAX_REPLAYED = 2_000;

interface Span {
  /** The client's Last-Event-ID. */
  readonly after: string;
  /** The newest change that the hub has told; later ones come from it. */
  readonly upTo: string | null;
  readonly equipment: ReadonlySet<string> | null;
  readonly audiences: ReadonlySet<string>;
}

/** Sends what was committed while the client was away, or `reset` where that can't be told any more. */
export const resume = async (sources: Sources, client: LiveClient, span: Span): Promise<void> => {
  try {
    await replayMissed(sources, client, span);
  } catch (error) {
    const reason = resetReasonOf(error);
    if (reason === null) throw error;
    await client.replay(resetText(reason));
  }
};

const replayMissed = async (sources: Sources, client: LiveClient, span: Span): Promise<void> => {
  let { after } = span;
  for (let told = 0; after !== span.upTo && client.ended() === null; ) {
    const changes = await sources.ledger.changes(after, BATCH);
    const end = changes.findIndex(({ cursor }) => cursor === span.upTo);
    const missed = end === -1 ? changes : changes.slice(0, end + 1);
    for (const frame of await changeFrames(sources, missed)) {
      if (concerns(frame, span)) await client.replay(frame.text);
    }
    const last = missed.at(-1);
    if (last === undefined) return;
    after = last.cursor;
    told += missed.length;
    if (told >= MAX_REPLAYED) return client.replay(resetText('missed-too-much'));
  }
};
