import { describe, expect, it } from 'vitest';
import { LedgerBusyError, LedgerFullError } from '../ledger.ts';
import { LedgerAwayError } from '../trouble.ts';
import { codeOf, isBroken, isPassing, named, placeOf } from './errors.ts';

const place = placeOf('postgres://precall:geheim@db/ledger?sslmode=require');
const said = (code: string | null, message = 'what it said') =>
  named(place, Object.assign(new Error(message), code === null ? {} : { code }));

describe('what goes wrong with a server', () => {
  it('is told without the password', () => {
    expect(place).toEqual({ user: 'precall', address: 'db:5432', database: 'ledger' });
  });

  it.each([
    ['ECONNREFUSED', LedgerAwayError, /^no server answers at db:5432 \(what it said\); start it/],
    ['EPIPE', LedgerAwayError, /^no server answers at db:5432/],
    [null, LedgerAwayError, /^no server answers at db:5432/],
    ['57P01', LedgerAwayError, /ended the connection/],
    ['57P03', LedgerAwayError, /is starting or stopping/],
    ['08006', LedgerAwayError, /broke \(what it said\)/],
    ['53300', LedgerAwayError, /has no connection left; raise max_connections/],
    ['57P05', LedgerAwayError, /raise idle_session_timeout/],
    ['25P03', LedgerAwayError, /nothing was said in for too long/],
    ['28P01', LedgerAwayError, /refuses user precall or its password/],
    ['28000', LedgerAwayError, /refuses user precall or its password/],
    ['3D000', LedgerAwayError, /createdb ledger/],
    ['25006', LedgerAwayError, /takes no writes/],
    ['42501', LedgerAwayError, /does not let user precall do that \(what it said\)/],
    ['53100', LedgerFullError, /has no room \(what it said\); free some/],
    ['53200', LedgerFullError, /has no room/],
    ['55P03', LedgerBusyError, /gave up \(what it said\); pg_stat_activity/],
    ['57014', LedgerBusyError, /gave up/],
    ['40P01', LedgerBusyError, /gave up/],
  ])('has a name and a mend: %s', (code, kind, line) => {
    const error = said(code);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(line);
    expect(error.message).not.toMatch(/\n|geheim/);
  });

  it('is one line, whatever the server says', () => {
    expect(said(null, 'one\ntwo').message).not.toContain('\n');
    expect(said('53100', 'one\ntwo').message).not.toContain('\n');
  });

  it('is left as it is where it is nobody’s but the caller’s', () => {
    const bug = said('23505');
    expect([bug.name, bug.message]).toEqual(['Error', 'what it said']);
  });

  it('may be over in a moment, or not', () => {
    const passing = ['ECONNREFUSED', '57P01', '57P03', '08006', '53300', null].map((code) => said(code));
    expect(passing.every(isPassing)).toBe(true);
    const lasting = ['28P01', '3D000', '25006', '42501', '53100', '55P03', '23505'].map((code) => said(code));
    expect(lasting.some(isPassing)).toBe(false);
  });

  it('leaves the connection in doubt, or not', () => {
    const of = (code: string) => Object.assign(new Error(), { code });
    expect(['57P01', '08003', 'ECONNRESET', 'EPIPE', '53300', '25P03'].map(of).every(isBroken)).toBe(true);
    expect(['23505', '57014', '55P03', '53100', '25006'].map(of).some(isBroken)).toBe(false);
    expect([codeOf(of('EPIPE')), codeOf(of('57P01'))]).toEqual([null, '57P01']);
  });
});
