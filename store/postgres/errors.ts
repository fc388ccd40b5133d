import { LedgerBusyError, LedgerFullError } from '../ledger.ts';
import { LedgerAwayError } from '../trouble.ts';

/** Where a ledger is, as people may read it: never the password. */
export interface Place {
  readonly user: string;
  readonly address: string;
  readonly database: string;
}

export const placeOf = (url: string): Place => {
  const { hostname, port, pathname, username } = new URL(url);
  return { user: username, address: `${hostname}:${port || '5432'}`, database: pathname.slice(1) };
};

/** SQLSTATE, PostgreSQL manual, appendix A; null where no server answered. */
export const codeOf = (error: unknown): string | null => {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code) ? code : null;
};

/** Disk full, out of memory, a limit of the server's configuration. */
const FULL = new Set(['53100', '53200', '53400']);
/** A lock or a statement took longer than it may, or two waited for each other: rolled back. */
const BUSY = new Set(['55P03', '57014', '40P01', '40001']);
/** Too many connections; the server ended this one because nothing was said on it for too long. */
const PASSING = new Set(['53300', '25P03', '57P05']);
/** Who asks again at once gets the same answer: a person must mend something. */
const LASTING = new Set(['28P01', '28000', '3D000', '42501', '25006']);

/** Not an answer about a statement: the connection itself is in doubt (class 08: connection, 57P: shutdown). */
export const isBroken = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === null || code.startsWith('08') || code.startsWith('57P') || PASSING.has(code);
};

/** What the server would say to the first write. */
export const readOnly = (): Error =>
  Object.assign(new Error('the transaction is read-only'), { code: '25006' });

const AWAY = 'no server answers at';

const mends: Readonly<Record<string, (place: Place, said: string) => string>> = {
  '25006': ({ address }) =>
    `the server at ${address} takes no writes; point PRECALL_LEDGER at the primary, or end its default_transaction_read_only`,
  '25P03': ({ address }) =>
    `the server at ${address} ended a transaction that nothing was said in for too long; is this machine too busy, or was it asleep?`,
  '28000': ({ address, user }) =>
    `the server at ${address} refuses user ${user} or its password; correct PRECALL_LEDGER, or what the server knows of it`,
  '28P01': (place, said) => mends['28000']?.(place, said) ?? '',
  '3D000': ({ address, database }) =>
    `the server at ${address} has no such database; make it with: createdb ${database}`,
  '42501': ({ address, user }, said) =>
    `the server at ${address} does not let user ${user} do that (${said}); make it the owner of the database`,
  '53300': ({ address }) =>
    `the server at ${address} has no connection left; raise max_connections (or the limit of the user or the database), or end other clients`,
  '57P01': ({ address }) =>
    `the server at ${address} ended the connection; if it was stopped, start it again`,
  '57P03': ({ address }) =>
    `the server at ${address} is starting or stopping; if it stays so, look into its log`,
  '57P05': ({ address }) =>
    `the server at ${address} ended a connection that was idle; raise idle_session_timeout`,
};

const firstLine = ({ message }: Error): string => message.split('\n')[0] ?? '';

/** What is wrong with the server and the mend, in one line; null where it is no trouble of the server's. */
const why = (place: Place, error: Error): string | null => {
  const code = codeOf(error);
  const said = firstLine(error);
  if (code === null) return `${AWAY} ${place.address} (${said}); start it, or correct PRECALL_LEDGER`;
  const mend = mends[code]?.(place, said);
  if (mend !== undefined) return mend;
  if (!isBroken(error)) return null;
  return `the connection to the server at ${place.address} broke (${said}); if it was stopped, start it again`;
};

/** An error of the database as the ledger's callers know it; what is nobody's trouble but the caller's stays as it is. */
export const named = (place: Place, error: Error): Error => {
  const code = codeOf(error);
  const said = firstLine(error);
  if (code !== null && FULL.has(code))
    return new LedgerFullError(
      `the server at ${place.address} has no room (${said}); free some, or give it more`,
      { cause: error },
    );
  if (code !== null && BUSY.has(code))
    return new LedgerBusyError(
      `the server at ${place.address} gave up (${said}); pg_stat_activity shows who holds it`,
      { cause: error },
    );
  const line = why(place, error);
  return line === null ? error : new LedgerAwayError(line, { cause: error });
};

export const isReadOnly = (error: unknown): boolean =>
  error instanceof LedgerAwayError && codeOf(error.cause) === '25006';

/** It may be over in a moment: worth trying again soon. */
export const isPassing = (error: unknown): boolean =>
  error instanceof LedgerAwayError && !LASTING.has(codeOf(error.cause) ?? '');
