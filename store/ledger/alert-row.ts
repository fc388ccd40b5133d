import type { Alert, AlertEvent, Evidence } from '../../core/alert/alert.ts';
import { isRecord, readRecord } from './json.ts';
import type { Row } from './schema.ts';

/** Shown where a stored evidence cannot be read: nothing is claimed. */
const NO_EVIDENCE: Evidence = {
  detector: { name: 'limit', version: 0 },
  metric: null,
  code: null,
  window: { fromMs: 0, toMs: 0 },
  expected: null,
  seen: null,
  crossing: null,
  sample: null,
  detail: null,
};

const readEvidence = (text: string): Evidence => {
  const found = readRecord(text);
  if (!isRecord(found.detector) || !isRecord(found.window)) return NO_EVIDENCE;
  return { ...NO_EVIDENCE, ...(found as unknown as Evidence) };
};

export const toAlert = (row: Row<'alerts'>): Alert => ({
  ...row,
  severity: row.severity as Alert['severity'],
  state: row.state === 'active' ? 'active' : 'cleared',
  reason: row.reason as Alert['reason'],
  evidence: readEvidence(row.evidence),
});

export const toAlertRow = (alert: Alert): Row<'alerts'> => ({
  ...alert,
  evidence: JSON.stringify(alert.evidence),
});

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
