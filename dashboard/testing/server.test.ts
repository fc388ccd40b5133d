import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as contract from '../../api/contract/schemas.ts';
import { type StandIn, startStandIn } from './server.ts';

/* The stand-in must not drift away from the API: everything that it says has the contract's shape. */

let standIn: StandIn;
let cookie = '';
beforeAll(async () => {
  standIn = await startStandIn({ clock: Date.now });
  const answer = await fetch(`${standIn.url}/api/v1/session`, {
    method: 'POST',
    body: JSON.stringify({ user: 'desk', password: 'test' }),
  });
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(() => standIn.close());

const NOW = Date.now();

test.each<readonly [string, TSchema]>([
  ['/session', contract.Session],
  ['/sites', contract.list(contract.Site)],
  ['/crews', contract.list(contract.Crew)],
  ['/catalogue', contract.Catalogue],
  ['/equipment', contract.list(contract.Equipment)],
  ['/equipment/garage-1', contract.EquipmentDetail],
  [
    `/equipment/garage-1/series?unit=bay7&metric=chainElongationPct&from=${NOW - 86_400_000}&to=${NOW}&points=50`,
    contract.Series,
  ],
  ['/alerts', contract.list(contract.Alert)],
  ['/tickets', contract.list(contract.Ticket)],
  ['/tickets/T-1042', contract.TicketDetail],
])('%s has the shape of the contract', async (path, schema) => {
  const answer = await fetch(`${standIn.url}/api/v1${path}`, { headers: { cookie } });
  expect(answer.status).toBe(200);
  const errors = [...Value.Errors(schema, await answer.json())].map((e) => `${e.instancePath} ${e.message}`);
  expect(errors).toEqual([]);
});
