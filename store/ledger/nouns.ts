import type { LedgerNouns } from '../ledger.ts';
import { alerts } from './alerts.ts';
import { audit } from './audit.ts';
import { channels } from './channels.ts';
import { clocks } from './clocks.ts';
import { credentials } from './credentials.ts';
import { crews } from './crews.ts';
import { equipment } from './equipment.ts';
import { hours } from './hours.ts';
import { idempotency } from './idempotency.ts';
import { notices } from './notices.ts';
import { outbox } from './outbox.ts';
import { people } from './people.ts';
import { readers } from './readers.ts';
import type { Scope } from './schema.ts';
import { settings } from './settings.ts';
import { sites } from './sites.ts';
import { tickets } from './tickets.ts';

export const nouns = (scope: Scope): LedgerNouns => ({
  sites: sites(scope),
  equipment: equipment(scope),
  credentials: credentials(scope),
  crews: crews(scope),
  alerts: alerts(scope),
  tickets: tickets(scope),
  people: people(scope),
  readers: readers(scope),
  audit: audit(scope),
  idempotency: idempotency(scope),
  settings: settings(scope),
  hours: hours(scope),
  channels: channels(scope),
  notices: notices(scope),
  outbox: outbox(scope),
  clocks: clocks(scope),
});

/** Which calls write. Outside a transaction these get one of their own, and all others only read. */
const WRITES: { readonly [N in keyof LedgerNouns]: readonly (keyof LedgerNouns[N])[] } = {
  sites: ['put'],
  equipment: ['put', 'heard'],
  credentials: ['put', 'revoke'],
  crews: ['put', 'remove'],
  alerts: ['apply', 'note'],
  tickets: ['open', 'step'],
  people: ['put', 'disable', 'grant', 'revoke'],
  readers: ['claim', 'commit', 'saveCheckpoints', 'quarantine'],
  audit: ['add'],
  idempotency: ['put'],
  settings: ['init', 'set'],
  hours: ['mark', 'done'],
  channels: ['put', 'remove', 'fared'],
  notices: ['add', 'markRead'],
  outbox: ['finish', 'expire', 'passed', 'retry', 'dismiss'],
  clocks: ['set', 'hasten', 'clear', 'take'],
};

/** Which only take what is free: what they write is in nobody's way. */
const CLAIMS: { readonly [N in keyof LedgerNouns]?: readonly (keyof LedgerNouns[N])[] } = {
  outbox: ['claim'],
  clocks: ['claim'],
};

export type Transaction = <T>(work: (tx: LedgerNouns) => Promise<T>) => Promise<T>;
type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The nouns as they are used outside a transaction: `reading` for reads, each write or claim a transaction. */
export const onTheirOwn = (
  reading: LedgerNouns,
  transaction: Transaction,
  claiming: Transaction,
): LedgerNouns => {
  const wrap = <N extends keyof LedgerNouns>(name: N): LedgerNouns[N] => {
    const within = (begin: Transaction, methods: readonly (keyof LedgerNouns[N])[]) =>
      methods.map((method) => {
        const call: Method = (...args) => begin((tx) => (tx[name][method] as unknown as Method)(...args));
        return [method, call];
      });
    const claims: readonly (keyof LedgerNouns[N])[] = CLAIMS[name] ?? [];
    return {
      ...reading[name],
      ...Object.fromEntries([...within(transaction, WRITES[name]), ...within(claiming, claims)]),
    };
  };
  const names = Object.keys(WRITES) as (keyof LedgerNouns)[];
  return Object.fromEntries(names.map((name) => [name, wrap(name)])) as unknown as LedgerNouns;
};
