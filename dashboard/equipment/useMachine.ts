import { useEffect } from 'preact/hooks';
import type { EquipmentDetailView } from '../../api/contract/schemas.ts';
import { all, get } from '../client/http.ts';
import { type Resource, useResource } from '../client/resource.ts';
import { onLive } from '../live/events.ts';
import type { AlertView, TicketView } from './shapes.ts';

const MAX_ALERTS = 300;
const MAX_TICKETS = 200;
/** Series and remaining life are not in the events: they are asked for again. */
const RENEW_MS = 60_000;

type List<T> = { readonly items: readonly T[]; readonly more: boolean };

/** The newer of what is known and what was heard, in the place of the old one or first. */
export const upsert = <T extends { readonly id: string }>(items: readonly T[], one: T): readonly T[] =>
  items.some((item) => item.id === one.id)
    ? items.map((item) => (item.id === one.id ? one : item))
    : [one, ...items];

export interface Machine {
  readonly detail: Resource<EquipmentDetailView>;
  readonly alerts: Resource<List<AlertView>>;
  readonly tickets: Resource<List<TicketView>>;
}

/** One machine with its alerts and tickets, followed live. */
export const useMachine = (id: string): Machine => {
  const path = `/equipment/${encodeURIComponent(id)}`;
  const detail = useResource<EquipmentDetailView>(path, (signal) => get(path, {}, signal));
  const alerts = useResource<List<AlertView>>(`alerts ${id}`, (signal) =>
    all('/alerts', { equipment: id }, MAX_ALERTS, signal),
  );
  const tickets = useResource<List<TicketView>>(`tickets ${id}`, (signal) =>
    all('/tickets', { equipment: id }, MAX_TICKETS, signal),
  );
  // The resources' functions speak to the latest state.
  useEffect(() => {
    const stops = [
      onLive('equipment', ({ equipment }) => {
        // The event's `latest` and `series` are a card's: the full ones stay.
        if (equipment.id === id)
          detail.change((before) => ({
            ...before,
            ...equipment,
            latest: before.latest,
            series: before.series,
          }));
      }),
      onLive('alert', ({ alert }) => {
        if (alert.equipment === id) alerts.change((list) => ({ ...list, items: upsert(list.items, alert) }));
      }),
      onLive('ticket', ({ ticket }) => {
        if (ticket.equipment === id)
          tickets.change((list) => ({ ...list, items: upsert(list.items, ticket) }));
      }),
    ];
    const renew = setInterval(() => detail.reload(), RENEW_MS);
    return () => {
      clearInterval(renew);
      for (const stop of stops) stop();
    };
  }, [id]);
  return { detail, alerts, tickets };
};
