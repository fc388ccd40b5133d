import { expect, test } from 'vitest';
import { PROMISES } from '../dispatch/promise.ts';
import { hastened, worse } from './hasten.ts';
import { newTicket } from './open.ts';

const given = {
  id: 'T1',
  equipment: 'g1',
  unit: '',
  site: 's1',
  component: 'body',
  cause: 'reported',
  source: 'hotline',
} as const;
const ticket = { ...newTicket({ ...given, severity: 'S3' }, 0), acknowledgeByMs: PROMISES.S3.acknowledgeMs };

test('worse means sooner, for the promise and for the crew that was asked; never later', () => {
  expect(hastened(ticket, 'S1', 1_000)).toEqual({
    severity: 'S1',
    dueAtMs: 1_000 + PROMISES.S1.arriveMs,
    acknowledgeByMs: 1_000 + PROMISES.S1.acknowledgeMs,
  });
  expect(hastened(ticket, 'S3', 60_000)).toMatchObject({
    dueAtMs: ticket.dueAtMs,
    acknowledgeByMs: ticket.acknowledgeByMs,
  });
  expect(hastened({ ...ticket, acknowledgeByMs: null }, 'S1', 0).acknowledgeByMs).toBeNull();
});

test('what is only worth watching worsens nothing', () => {
  expect(worse('S2', 'S1')).toBe('S1');
  expect(worse('S2', 'S3')).toBe('S2');
  expect(worse('S3', 'watch')).toBe('S3');
});
