import type { Alert, AlertEntry } from '../../core/alert/alert.ts';
import { alertWords } from '../../core/alert/words.ts';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import type { AlertDetailView, AlertView } from '../contract/schemas.ts';
import { evidenceView } from './evidence.ts';
import { iso, isoOrNull } from './time.ts';

export const alertView = (catalogue: Catalogue, alert: Alert): AlertView => ({
  id: alert.id,
  equipment: alert.equipment,
  unit: alert.unit,
  component: alert.component,
  rule: alert.rule,
  severity: alert.severity,
  state: alert.state,
  raisedAt: iso(alert.raisedAtMs),
  updatedAt: iso(alert.updatedAtMs),
  clearedAt: isoOrNull(alert.clearedAtMs),
  acknowledgedAt: isoOrNull(alert.acknowledgedAtMs),
  acknowledgedBy: alert.acknowledgedBy,
  ticket: alert.ticket,
  summary: alertWords(catalogue, alert),
  evidence: evidenceView(alert.evidence),
});

export const alertDetailView = (
  catalogue: Catalogue,
  alert: Alert,
  timeline: readonly AlertEntry[],
): AlertDetailView => ({
  ...alertView(catalogue, alert),
  timeline: timeline.map((entry) => ({
    at: iso(entry.atMs),
    type: entry.type,
    reason: entry.reason,
    actor: entry.actor,
    note: entry.note,
  })),
});
