import type { Role } from '../../store/ledger.ts';

/** Each role may do what the ones before it may. */
export const ROLES: readonly Role[] = ['viewer', 'attendant', 'crew', 'dispatcher', 'admin'];

export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** What a route asks for: `public`, or the least role. A route without a rule stops the start. */
export type Access = 'public' | Role;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long a session lasts: a crew's phone stays signed in, a seat at the desk only for a shift. */
export const SESSION_MS: Readonly<Record<Role, number>> = {
  viewer: 30 * DAY_MS,
  attendant: 30 * DAY_MS,
  crew: 30 * DAY_MS,
  dispatcher: 14 * HOUR_MS,
  admin: 14 * HOUR_MS,
};
