import type { Online, StatusReport } from './status.ts';

/** Whether an equipment is connected, as the log tells it. The newest connection wins. */
export interface Connection {
  readonly online: Online;
  readonly id: string | null;
  /** When that connection was opened, receive time. */
  readonly openedAtMs: number;
  readonly firmware: string | null;
  /** Its own word for what it is; absent in old checkpoints. */
  readonly model?: string | null;
}

/** A message that a person gave in, not the machine: it says nothing about the machine's connection. */
const PERSON = 'person:';
export const personConnection = (actor: string): string => `${PERSON}${actor}`;
export const isPersons = (connectionId: string): boolean => connectionId.startsWith(PERSON);

export const UNHEARD: Connection = { online: 'unknown', id: null, openedAtMs: 0, firmware: null };

export const connected = (before: Connection, id: string, receivedAtMs: number): Connection => ({
  ...before,
  online: 'online',
  id,
  openedAtMs: receivedAtMs,
});

/** The end of an older connection says nothing about the newest one. */
export const disconnected = (before: Connection, id: string): Connection =>
  before.id === id || before.id === null ? { ...before, online: 'offline', id } : before;

/** Its own words, or its Last Will; those of an older connection are ignored. */
export const reported = (before: Connection, status: StatusReport): Connection => {
  if (before.id !== null && before.id !== status.connectionId) return before;
  return {
    ...before,
    id: status.connectionId,
    openedAtMs: before.id === null ? status.receivedAtMs : before.openedAtMs,
    online: status.online ? 'online' : 'offline',
    firmware: status.firmware ?? before.firmware,
    ...(status.model === null ? {} : { model: status.model }),
  };
};

/** Any message shows that its connection lives, where nothing was known; it does not reopen a closed one. */
export const heard = (before: Connection, id: string, receivedAtMs: number): Connection => {
  if (before.online !== 'unknown' || (before.id !== null && before.id !== id)) return before;
  return {
    ...before,
    online: 'online',
    id,
    openedAtMs: before.id === null ? receivedAtMs : before.openedAtMs,
  };
};

/** The service itself was away: what was connected before is unknown until heard again. */
export const lostSight = (before: Connection, lastTickMs: number): Connection =>
  before.online === 'online' && before.openedAtMs <= lastTickMs ? { ...before, online: 'unknown' } : before;
