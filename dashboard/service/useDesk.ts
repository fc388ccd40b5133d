import { useEffect, useRef } from 'preact/hooks';
import type { Static } from 'typebox';
import type {
  DeliveryView,
  ListView,
  OutboxSummary,
  QuarantineView,
  ReaderView,
} from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { type Resource, useResource } from '../client/resource.ts';
import { useRows } from '../client/rows.ts';

export type OutboxView = Static<typeof OutboxSummary>;

/** None of this is in the live events: it is asked for again. */
const RENEW_MS = 5_000;
const DEAD_ROWS = 50;

export interface DeskState {
  readonly readers: Resource<{ readonly items: readonly ReaderView[] }>;
  readonly outbox: Resource<OutboxView>;
  readonly dead: Resource<ListView<DeliveryView>>;
  readonly quarantine: Resource<QuarantineView>;
  /** Loads one more page of the quarantine; null where there is none, or enough is shown. */
  readonly more: (() => void) | null;
}

/** How the service is, renewed while the page is looked at. */
export const useDesk = (): DeskState => {
  const { rows, more } = useRows();
  const readers = useResource<{ items: readonly ReaderView[] }>('readers', (signal) =>
    get('/readers', {}, signal),
  );
  const outbox = useResource<OutboxView>('outbox', (signal) => get('/outbox', {}, signal));
  const dead = useResource<ListView<DeliveryView>>('dead', (signal) =>
    get('/deliveries', { state: 'dead', limit: DEAD_ROWS }, signal),
  );
  const quarantine = useResource<QuarantineView>('quarantine', (signal) =>
    get('/quarantine', { limit: rows }, signal),
  );
  const renew = useRef(() => {});
  renew.current = () => {
    if (document.visibilityState === 'hidden') return;
    // A slow answer is waited for: asking again would give it up.
    for (const resource of [readers, outbox, dead, quarantine]) if (!resource.loading) resource.reload();
  };
  useEffect(() => {
    const timer = setInterval(() => renew.current(), RENEW_MS);
    return () => clearInterval(timer);
  }, []);
  return { ...{ readers, outbox, dead, quarantine }, more: more(quarantine) };
};
