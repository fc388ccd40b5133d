import type { Alert, Evidence } from '../../core/alert/alert.ts';
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
