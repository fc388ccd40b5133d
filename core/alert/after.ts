import type { Alert, AlertEvent } from './alert.ts';

const begun = (event: AlertEvent): Alert => ({
  id: event.alert,
  equipment: event.equipment,
  unit: event.unit,
  component: event.component,
  rule: event.rule,
  severity: event.severity,
  state: 'active',
  raisedAtMs: event.atMs,
  raisedHeardAtMs: event.receivedAtMs,
  updatedAtMs: event.atMs,
  clearedAtMs: null,
  reason: event.reason,
  acknowledgedAtMs: null,
  acknowledgedBy: null,
  ticket: null,
  evidence: event.evidence,
});

/** The alert as it stands after one more event. A cleared alert stays cleared: its rule raises a new one. */
export const alertAfter = (alert: Alert | undefined, event: AlertEvent): Alert => {
  const next: Alert = {
    ...(alert ?? begun(event)),
    severity: event.severity,
    updatedAtMs: event.atMs,
    reason: event.reason,
  };
  if (event.type !== 'cleared') return { ...next, evidence: event.evidence };
  // The evidence stays what it was raised on: a closed ticket still says why. What was seen at the end is in the timeline.
  // An acknowledgement ends with its alert; who gave it stays in the timeline.
  return {
    ...next,
    state: 'cleared',
    clearedAtMs: event.atMs,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
  };
};
