import type { Static } from 'typebox';
import type {
  AlertEvent,
  EquipmentEvent,
  NoticeEvent,
  ReadingEvent,
  TicketEvent,
} from '../../api/contract/schemas.ts';
import { resync } from './connection.ts';
import type { ServerEvent } from './sse.ts';

/** Data of the service's events, by name. */
export interface EventData {
  readonly reading: Static<typeof ReadingEvent>;
  readonly alert: Static<typeof AlertEvent>;
  readonly ticket: Static<typeof TicketEvent>;
  readonly equipment: Static<typeof EquipmentEvent>;
  readonly notice: Static<typeof NoticeEvent>;
}
export type EventName = keyof EventData;

type Listener<N extends EventName> = (data: EventData[N]) => void;
type Listeners = { readonly [N in EventName]: Set<Listener<N>> };

const listeners: Listeners = {
  reading: new Set(),
  alert: new Set(),
  ticket: new Set(),
  equipment: new Set(),
  notice: new Set(),
};

/** Hears one kind of event; gives back how to stop. */
export const onLive = <N extends EventName>(name: N, listener: Listener<N>): (() => void) => {
  const set: Set<Listener<N>> = listeners[name];
  set.add(listener);
  return () => set.delete(listener);
};

/** The service says that too much was missed to be told: everything is read anew. */
const RESET = 'reset';

/** An event that isn't known here, or isn't JSON, is left out: a newer service may send more. */
export const deliver = (event: ServerEvent): void => {
  if (event.event === RESET) {
    resync.value += 1;
    return;
  }
  if (!Object.hasOwn(listeners, event.event)) return;
  let data: unknown;
  try {
    data = JSON.parse(event.data);
  } catch {
    return;
  }
  const heard = listeners[event.event as EventName] as Set<(data: unknown) => void>;
  for (const listener of heard) listener(data);
};
