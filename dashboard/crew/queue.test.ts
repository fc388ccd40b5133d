import { expect, test } from 'vitest';
import type { TicketView } from '../../api/contract/schemas.ts';
import { type CrewAction, projected, readUnsent, type Unsent, withoutRefused } from './queue.ts';

const ticket = { id: 't1', state: 'acknowledged', crew: 'c1', crewName: 'Crew 1' } as unknown as TicketView;
const step = (action: CrewAction, of = 't1'): Unsent => ({
  key: action + of,
  ticket: of,
  action,
  body: { at: '2026-01-01T00:00:00Z' },
});

test('the phone shows a ticket as it will stand', () => {
  expect(projected(ticket, [])).toBe(ticket);
  expect(projected(ticket, [step('depart'), step('arrive'), step('comment')]).state).toBe('onsite');
  expect(projected(ticket, [step('resolve', 'other')]).state).toBe('acknowledged');
  expect(projected(ticket, [step('decline')])).toMatchObject({ state: 'open', crew: null });
});

test('a refused step takes along what followed it on its ticket only', () => {
  const [depart, arrive, other] = [step('depart'), step('arrive'), step('arrive', 't2')];
  expect(withoutRefused([depart, arrive, other], depart)).toEqual([other]);
});

test('what was kept survives; what is no step does not', () => {
  expect(
    readUnsent(JSON.stringify([step('depart'), { key: 1 }, null, { ...step('arrive'), action: 'explode' }])),
  ).toEqual([step('depart')]);
  expect(readUnsent('{')).toEqual([]);
  expect(readUnsent('{}')).toEqual([]);
  expect(readUnsent(null)).toEqual([]);
});
