/** A fault code switched on or off by the equipment's own controller. Identity: equipment, unit, code, tsMs, seq. */
export interface FaultReport {
  readonly equipment: string;
  readonly unit: string;
  readonly tsMs: number;
  readonly tsSource: 'device' | 'receive';
  readonly seq: number | null;
  readonly receivedAtMs: number;
  readonly code: string;
  readonly active: boolean;
  readonly detail: string;
}
