import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Alert, AlertReason, DetectorName, Severity } from '../alert/alert.ts';
import { newTicket } from '../ticket/open.ts';
import type { Ticket } from '../ticket/ticket.ts';
import { decideAlert, decideRecovery } from './decide.ts';

const catalogue = await loadCatalogue();
const NOW = 1_767_225_600_000;

const alertOf = (
  rule: string,
  name: DetectorName,
  severity: Severity,
  more: Partial<Alert> = {},
  code: string | null = null,
): Alert => ({
  id: 'a1',
  equipment: 'E',
  unit: '',
  component: 'controller',
  rule,
  severity,
  state: 'active',
  raisedAtMs: NOW,
  raisedHeardAtMs: NOW,
  updatedAtMs: NOW,
  clearedAtMs: null,
  reason: 'offline',
  acknowledgedAtMs: null,
  acknowledgedBy: null,
  ticket: null,
  evidence: {
    detector: { name, version: 1 },
    metric: null,
    code,
    window: { fromMs: NOW - 60_000, toMs: NOW },
    expected: null,
    seen: null,
    crossing: null,
    sample: null,
    detail: null,
  },
  ...more,
});

const decide = (alert: Alert) =>
  decideAlert(catalogue, { alert, current: null, former: null, site: 's' }, NOW);

describe('a machine that is not heard', () => {
  const ended = (reason: AlertReason = 'heard-again') =>
    alertOf('no-data:offline', 'no-data', 'S3', { state: 'cleared', clearedAtMs: NOW, reason, ticket: 't1' });
  const ticket = (more: Partial<Ticket>): Ticket => ({
    ...newTicket(
      {
        id: 't1',
        equipment: 'E',
        unit: '',
        site: 's',
        component: 'controller',
        cause: 'no-data:offline',
        severity: 'S3',
        source: 'telemetry',
        alerts: ['a1'],
        holdUntilMs: null,
      },
      NOW,
    ),
    ...more,
  });

  test('opens a ticket only when it lasts', () => {
    expect(decide(alertOf('no-data:offline', 'no-data', 'watch')).decision).toBe('watched');
    expect(decide(alertOf('no-data:offline', 'no-data', 'S3')).decision).toBe('opened');
  });

  test('is heard again before anybody set out: the ticket closes by itself', () => {
    for (const state of ['open', 'dispatched'] as const)
      expect(decideRecovery(ticket({ state }), [ended()], NOW)).toMatchObject({ reason: 'heard-again' });
  });

  test('somebody is on the way, a person reported it, or it was not all: they decide', () => {
    expect(decideRecovery(ticket({ state: 'enroute' }), [ended()], NOW)).toBeNull();
    expect(decideRecovery(ticket({ source: 'hotline' }), [ended()], NOW)).toBeNull();
    expect(decideRecovery(ticket({}), [ended('rule-removed')], NOW)).toBeNull();
    const fault = alertOf(
      'fault:G25',
      'fault-code',
      'S2',
      { state: 'cleared', reason: 'fault-inactive' },
      'G25',
    );
    expect(decideRecovery(ticket({}), [ended(), fault], NOW)).toBeNull();
  });
});

test('a code that comes too often is for a crew at once; one of it is for the attendant first', () => {
  const often = decide(alertOf('code-rate:G14', 'code-rate', 'S3', { component: 'body' }, 'G14'));
  expect(often).toMatchObject({ ticket: { holdUntilMs: null, source: 'telemetry', cause: 'G14' } });
  const once = decide(alertOf('fault:G14', 'fault-code', 'S3', { component: 'body' }, 'G14'));
  expect(once).toMatchObject({ ticket: { source: 'fault', cause: 'G14' } });
  expect('ticket' in once && once.ticket.holdUntilMs).toBeGreaterThan(NOW);
});

test('a code that comes too often and is usual again sends nobody', () => {
  const over = { component: 'body', state: 'cleared', clearedAtMs: NOW } as const;
  expect(decide(alertOf('code-rate:G14', 'code-rate', 'S3', over, 'G14')).decision).toBe(
    'cleared-before-ticket',
  );
});

describe('an alert that the desk meets after its item was repaired and seen well', () => {
  const base = alertOf('drift:oilPressureMpa', 'drift', 'S2');
  const measured = (more: Partial<Alert>): Alert => ({
    ...base,
    reason: 'drifting-to-limit',
    evidence: { ...base.evidence, metric: 'oilPressureMpa' },
    ...more,
  });
  const repaired: Ticket = {
    ...newTicket(
      {
        id: 't1',
        equipment: 'E',
        unit: '',
        site: 's',
        component: 'controller',
        cause: 'limit:oilPressureMpa:low',
        severity: 'S1',
        source: 'telemetry',
      },
      NOW - 60_000,
    ),
    state: 'closed',
    resolvedAtMs: NOW,
    closedAtMs: NOW,
    closeReason: 'recovery-seen',
  };
  const meet = (alert: Alert) =>
    decideAlert(catalogue, { alert, current: null, former: null, repaired, site: 's' }, NOW + 60_000)
      .decision;

  test('and that was raised on what was measured before opens nothing', () => {
    expect(meet(measured({ raisedHeardAtMs: NOW - 8_000 }))).toBe('seen-before-repair');
    expect(meet(measured({ raisedHeardAtMs: NOW + 29_000 }))).toBe('seen-before-repair');
  });

  test('but what was heard later, got worse or shows that the repair did not help does, and so does a code', () => {
    expect(meet(measured({ raisedHeardAtMs: NOW + 31_000 }))).toBe('opened');
    expect(meet(measured({ raisedHeardAtMs: NOW - 8_000, updatedAtMs: NOW + 40_000 }))).toBe('opened');
    expect(meet(measured({ raisedHeardAtMs: NOW - 8_000, reason: 'repair-did-not-help' }))).toBe('opened');
    expect(meet(alertOf('fault:G27', 'fault-code', 'S1', { raisedHeardAtMs: NOW - 8_000 }, 'G27'))).toBe(
      'opened',
    );
  });
});
