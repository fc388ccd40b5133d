import type { Change } from '../../store/ledger.ts';
import type { Context } from '../context.ts';
import { readEquipment } from '../read/equipment.ts';
import { readNotices } from '../read/notices.ts';
import { byId, readTickets } from '../read/tickets.ts';
import { alertView } from '../views/alert.ts';
import { latestView } from '../views/latest.ts';
import { eventText, type Frame } from './frame.ts';

type Sources = Pick<Context, 'ledger' | 'telemetry' | 'catalogue' | 'clock'>;

const idsOf = (changes: readonly Change[], kind: Change['kind']): string[] =>
  changes.filter((change) => change.kind === kind).map(({ id }) => id);

/**
 * The events of a batch of changes, in commit order. Each thing is read once, as it stands now: an event
 * says what happened and carries the newest state. What an alert or ticket did to its machine's health
 * follows as an `equipment` event without an id.
 */
export const changeFrames = async (
  sources: Sources,
  changes: readonly Change[],
): Promise<readonly Frame[]> => {
  const { ledger, catalogue, clock } = sources;
  const [alerts, tickets] = await Promise.all([
    byId(idsOf(changes, 'alert'), (id) => ledger.alerts.get(id)),
    byId(idsOf(changes, 'ticket'), (id) => ledger.tickets.get(id)),
  ]);
  const said = await byId(idsOf(changes, 'notice'), (id) => ledger.notices.get(id));
  const notices = new Map(
    (await readNotices(ledger, catalogue, [...said.values()], clock())).map((view) => [view.id, view]),
  );
  const ticketViews = new Map(
    (await readTickets(ledger, catalogue, [...tickets.values()])).map((view) => [view.id, view]),
  );
  const touched = [...[...alerts.values(), ...tickets.values()].map(({ equipment }) => equipment)];
  const machines = await byId([...idsOf(changes, 'equipment'), ...touched], (id) => ledger.equipment.get(id));
  const machineViews = new Map(
    (await readEquipment(sources, [...machines.values()])).map((view) => [view.id, view]),
  );

  const frame = ({ kind, id, what, cursor }: Change): Frame | null => {
    const key = `${kind}:${id}`;
    if (kind === 'alert') {
      const alert = alerts.get(id);
      if (!alert) return null;
      const data = { what, alert: alertView(catalogue, alert) };
      return { key, equipment: alert.equipment, event: kind, text: eventText(kind, data, cursor) };
    }
    if (kind === 'ticket') {
      const ticket = ticketViews.get(id);
      if (!ticket) return null;
      return {
        key,
        equipment: ticket.equipment,
        event: kind,
        text: eventText(kind, { what, ticket }, cursor),
      };
    }
    if (kind === 'notice') {
      const notice = notices.get(id);
      if (!notice) return null;
      const { audience, equipment } = notice;
      const text = eventText(kind, { what, notice }, cursor);
      return { key, equipment: equipment ?? '', event: kind, audience, text };
    }
    if (kind === 'equipment') {
      const equipment = machineViews.get(id);
      if (!equipment) return null;
      return { key, equipment: id, event: kind, text: eventText(kind, { what, equipment }, cursor) };
    }
    return null;
  };

  const health = [...new Set(touched)].flatMap((id): Frame[] => {
    const equipment = machineViews.get(id);
    if (!equipment) return [];
    const text = eventText('equipment', { what: 'health', equipment });
    return [{ key: `equipment-health:${id}`, equipment: id, event: 'equipment', text }];
  });
  return [...changes.map(frame).filter((made) => made !== null), ...health];
};

/** The newest values of these machines; machines never heard make no event. */
export const readingFrames = async (
  { telemetry, catalogue, clock }: Sources,
  ids: readonly string[],
): Promise<readonly Frame[]> => {
  const latest = await telemetry.latestOf(ids);
  const nowMs = clock();
  return [...latest].map(([equipment, values]) => ({
    key: `reading:${equipment}`,
    equipment,
    event: 'reading',
    text: eventText('reading', {
      equipment,
      latest: values.map((value) => latestView(catalogue, value, nowMs)),
    }),
  }));
};
