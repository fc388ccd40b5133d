import { CursorError } from '../../store/ledger.ts';
import type { ApiOptions } from '../options.ts';
import type { LiveClient } from './client.ts';
import { eventText } from './frame.ts';
import { changeFrames } from './frames.ts';

type Sources = Pick<ApiOptions, 'ledger' | 'telemetry' | 'catalogue' | 'clock'>;

const BATCH = 200;
/** Whoever missed more is told to read everything anew: that is less work for both. */
const MAX_REPLAYED = 2_000;

interface Span {
  /** The client's Last-Event-ID. */
  readonly after: string;
  /** The newest change that the hub has told; later ones come from it. */
  readonly upTo: string | null;
  readonly equipment: ReadonlySet<string> | null;
}

const reset = (client: LiveClient, reason: string): Promise<void> =>
  client.replay(eventText('reset', { reason }));

/** Sends what was committed while the client was away, or `reset` where that can't be told any more. */
export const resume = async (sources: Sources, client: LiveClient, span: Span): Promise<void> => {
  try {
    await replayMissed(sources, client, span);
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    await reset(client, 'unknown-cursor');
  }
};

const replayMissed = async (sources: Sources, client: LiveClient, span: Span): Promise<void> => {
  let { after } = span;
  for (let told = 0; after !== span.upTo && client.ended() === null; ) {
    const changes = await sources.ledger.changes(after, BATCH);
    const end = changes.findIndex(({ cursor }) => cursor === span.upTo);
    const missed = end === -1 ? changes : changes.slice(0, end + 1);
    for (const frame of await changeFrames(sources, missed)) {
      if (span.equipment === null || span.equipment.has(frame.equipment)) await client.replay(frame.text);
    }
    const last = missed.at(-1);
    if (last === undefined) return;
    after = last.cursor;
    told += missed.length;
    if (told >= MAX_REPLAYED) return reset(client, 'missed-too-much');
  }
};
