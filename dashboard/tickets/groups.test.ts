import { expect, test } from 'vitest';
import type { TicketView } from '../../api/contract/schemas.ts';
import { clockOf, grouped, groupOf } from './groups.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const ticket = (state: string, severity: string, dueInMin: number, id = 't'): TicketView =>
  ({
    id,
    state,
    severity,
    dueAt: new Date(NOW + dueInMin * MINUTE).toISOString(),
    acknowledgeBy: state === 'dispatched' ? new Date(NOW + 2 * MINUTE).toISOString() : null,
  }) as unknown as TicketView;

test.each([
  ['open', 'S1', 60, 'unaccepted'],
  ['dispatched', 'S1', 5, 'unaccepted'],
  ['dispatched', 'S3', 47 * 60, 'planned'],
  ['dispatched', 'S3', 60, 'unaccepted'],
  ['acknowledged', 'S3', 47 * 60, 'planned'],
  ['acknowledged', 'S2', 100, 'progress'],
  ['enroute', 'S3', 47 * 60, 'progress'],
  ['enroute', 'S1', 14, 'late'],
  ['enroute', 'S1', -14, 'late'],
  ['onsite', 'S1', -14, 'progress'],
  ['waiting', 'S1', -14, 'progress'],
  ['resolved', 'S1', -14, 'recovery'],
  ['closed', 'S1', -14, 'closed'],
  ['cancelled', 'S3', 99, 'closed'],
] as const)('%s %s due in %i min belongs to %s', (state, severity, due, expected) => {
  expect(groupOf(ticket(state, severity, due), NOW)).toBe(expected);
});

test('the clock runs to acceptance first, then to arrival, then not at all', () => {
  expect(clockOf(ticket('dispatched', 'S1', 60))).toEqual({ kind: 'accept', atMs: NOW + 2 * MINUTE });
  expect(clockOf(ticket('enroute', 'S1', 60))).toEqual({ kind: 'arrive', atMs: NOW + 60 * MINUTE });
  expect(clockOf(ticket('onsite', 'S1', 60))).toBeNull();
});

test('within a group the oldest promise is first, then the worse', () => {
  const groups = grouped(
    [ticket('open', 'S2', 60, 'b'), ticket('open', 'S1', 60, 'a'), ticket('open', 'S1', 30, 'c')],
    NOW,
  );
  expect(groups.get('unaccepted')?.map((one) => one.id)).toEqual(['c', 'a', 'b']);
});
