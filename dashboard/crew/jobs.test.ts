import { expect, test } from 'vitest';
import type { TicketView } from '../../api/contract/schemas.ts';
import { jobsOf } from './jobs.ts';

const ticket = (
  id: string,
  state: string,
  severity = 'S2',
  dueAt = '2026-01-01T10:00:00Z',
  crew: string | null = 'c1',
) => ({ id, state, severity, dueAt, crew }) as unknown as TicketView;

test('where one is comes first, then the worst, then the nearest promise, then what waits', () => {
  const jobs = jobsOf(
    [
      ticket('waits', 'waiting', 'S1'),
      ticket('later', 'acknowledged', 'S2', '2026-01-01T12:00:00Z'),
      ticket('sooner', 'dispatched', 'S2', '2026-01-01T11:00:00Z'),
      ticket('worst', 'dispatched', 'S1', '2026-01-01T13:00:00Z'),
      ticket('here', 'onsite', 'S3'),
      ticket('done', 'resolved', 'S1'),
      ticket('others', 'onsite', 'S1', '2026-01-01T10:00:00Z', 'c2'),
    ],
    'c1',
  );
  expect(jobs.map((job) => job.id)).toEqual(['here', 'worst', 'sooner', 'later', 'waits']);
});
