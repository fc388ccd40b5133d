import type { AlertView, EquipmentView, TicketView } from '../../api/contract/schemas.ts';

/** How a thing is shown: one word, one shape, one colour. */
export type Condition = 'down' | 'due' | 'offline' | 'watch' | 'unknown' | 'normal';
/** The colours there are (tokens.css). */
export type Tone = 'normal' | 'watch' | 'due' | 'down' | 'unknown';
export type SeverityName = TicketView['severity'];

/** Worst first: the order of every list of machines. */
export const RANK: Readonly<Record<Condition, number>> = {
  down: 0,
  due: 1,
  offline: 2,
  watch: 3,
  unknown: 4,
  normal: 5,
};

export const TONE: Readonly<Record<Condition, Tone>> = {
  down: 'down',
  due: 'due',
  watch: 'watch',
  normal: 'normal',
  offline: 'unknown',
  unknown: 'unknown',
};

/**
 * Trouble that is known stays shown when the machine falls silent; a machine that isn't heard is never
 * called normal.
 */
export const conditionOf = (machine: Pick<EquipmentView, 'health' | 'online'>): Condition => {
  if (machine.health === 'down' || machine.health === 'due') return machine.health;
  if (machine.online === 'offline') return 'offline';
  if (machine.health === 'watch') return 'watch';
  return machine.online === 'unknown' || machine.health === 'unknown' ? 'unknown' : 'normal';
};

/** Its values are its last ones, not how it is now. */
export const isStale = (machine: Pick<EquipmentView, 'online'>): boolean => machine.online !== 'online';

/** Connected or not, this unit's values no longer come: what is shown is old. */
export const isSilent = (
  alerts: readonly Pick<AlertView, 'state' | 'unit' | 'evidence'>[],
  unit: string,
): boolean =>
  alerts.some(
    (alert) =>
      alert.state === 'active' &&
      alert.evidence.detector.name === 'no-data' &&
      // One metric that is missing says nothing of the others.
      alert.evidence.metric === null &&
      (alert.unit === '' || alert.unit === unit),
  );

/** How bad a finding or a ticket is, as the health of its machine is told. */
export const seriousness = (severity: SeverityName, foretold: boolean): 'down' | 'due' | 'watch' => {
  if (severity === 'watch') return 'watch';
  return severity === 'S3' || foretold ? 'due' : 'down';
};

/** A trend foretells: service is not lost yet. */
export const isForetold = (alert: Pick<AlertView, 'evidence'>): boolean =>
  alert.evidence.detector.name === 'drift' || alert.evidence.detector.name === 'level-shift';

export const alertTone = (alert: Pick<AlertView, 'severity' | 'evidence'>): 'down' | 'due' | 'watch' =>
  seriousness(alert.severity, isForetold(alert));

/** A ticket's cause is the rule of its first alert: `drift:…` and `shift:…` foretell. */
export const isForetoldCause = ({ cause }: Pick<TicketView, 'cause'>): boolean =>
  /^(drift|shift):/.test(cause);

export const ticketTone = (ticket: Pick<TicketView, 'severity' | 'cause'>): 'down' | 'due' | 'watch' =>
  seriousness(ticket.severity, isForetoldCause(ticket));

export const SEVERITY_RANK: Readonly<Record<SeverityName, number>> = { S1: 0, S2: 1, S3: 2, watch: 3 };

/** When the first thing of a machine meets its limit, Unix ms; what wears nowhere comes last. */
const soonest = (machine: Pick<EquipmentView, 'remainingLife'>): number =>
  Math.min(Number.MAX_SAFE_INTEGER, ...machine.remainingLife.map((one) => Date.parse(one.at)));

/** Order of the fleet: worst first, then what meets a limit soonest, those with a ticket, and by name. */
export const byCondition = (one: EquipmentView, two: EquipmentView): number =>
  RANK[conditionOf(one)] - RANK[conditionOf(two)] ||
  soonest(one) - soonest(two) ||
  Number(two.openTickets.length > 0) - Number(one.openTickets.length > 0) ||
  one.name.localeCompare(two.name, 'en', { numeric: true }) ||
  (one.id < two.id ? -1 : 1);
