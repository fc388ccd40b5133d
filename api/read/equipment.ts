import type { Alert } from '../../core/alert/alert.ts';
import type { Equipment } from '../../core/equipment/equipment.ts';
import { TelemetryDownError } from '../../store/telemetry.ts';
import type { Context } from '../context.ts';
import type { EquipmentDetailView, EquipmentView } from '../contract/schemas.ts';
import { type Around, equipmentDetailView, equipmentView } from '../views/equipment.ts';
import { openTicketsOf } from './tickets.ts';

type Sources = Pick<Context, 'ledger' | 'telemetry' | 'catalogue' | 'clock'>;

/** Alerts and tickets are shown also while the telemetry store is away: they are what somebody is needed for. */
const orNothing = async <T>(asked: Promise<T>, nothing: T): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TelemetryDownError) return nothing;
    throw error;
  }
};

/** What stands around these machines, in a handful of calls however many they are. */
const aroundOf = async (
  { ledger, telemetry }: Sources,
  ids: readonly string[],
): Promise<(id: string) => Around> => {
  const [latest, active, tickets] = await Promise.all([
    orNothing(telemetry.latestOf(ids), new Map<string, never>()),
    ledger.alerts.active(ids),
    openTicketsOf(ledger, ids),
  ]);
  const alerts = new Map<string, Alert[]>();
  for (const alert of active) {
    const own = alerts.get(alert.equipment);
    if (own) own.push(alert);
    else alerts.set(alert.equipment, [alert]);
  }
  return (id) => ({
    latest: latest.get(id) ?? [],
    active: alerts.get(id) ?? [],
    openTickets: tickets.get(id) ?? [],
  });
};

export const readEquipment = async (
  sources: Sources,
  machines: readonly Equipment[],
): Promise<EquipmentView[]> => {
  if (machines.length === 0) return [];
  const around = await aroundOf(
    sources,
    machines.map(({ id }) => id),
  );
  const nowMs = sources.clock();
  return machines.map((machine) => equipmentView(sources.catalogue, machine, around(machine.id), nowMs));
};

export const readMachine = async (sources: Sources, machine: Equipment): Promise<EquipmentDetailView> => {
  const [around, series] = await Promise.all([
    aroundOf(sources, [machine.id]),
    orNothing(sources.telemetry.list(machine.id), []),
  ]);
  return equipmentDetailView(sources.catalogue, machine, { ...around(machine.id), series }, sources.clock());
};
