import type { Equipment, Site } from '../../core/equipment/equipment.ts';
import type { Ticket } from '../../core/ticket/ticket.ts';
import {
  type AuditEntry,
  type Change,
  type ChangeKind,
  ChangesLostError,
  type Credential,
} from '../../store/ledger.ts';
import { hashSecret } from '../../store/secret.ts';
import type { BrokerLedger } from '../ledger.ts';

/** What the broker needs of a ledger, in memory, with a hand on it for tests. */
export interface MemoryLedger extends BrokerLedger {
  readonly audited: readonly AuditEntry[];
  readonly equipmentRows: ReadonlyMap<string, Equipment>;
  readonly siteRows: ReadonlyMap<string, Site>;
  /** Adds a credential, or replaces its secret. */
  provision(id: string, secret: string, equipment: Credential['equipment']): void;
  revoke(id: string): void;
  /** A crew resolves a ticket. */
  resolve(ticket: Partial<Ticket> & Pick<Ticket, 'id' | 'equipment' | 'site'>): void;
  /** Every look-up fails while this is set. */
  breakDown(broken: boolean): void;
  lookUps(): number;
  /** Who asks for changes next is told that they are no longer kept. */
  loseNext(): void;
}

const KEY = 'test-key';

export const createMemoryLedger = (clock: () => number = Date.now): MemoryLedger => {
  const changes: Change[] = [];
  const listeners = new Set<() => void>();
  const credentials = new Map<string, Credential>();
  const equipmentRows = new Map<string, Equipment>();
  const siteRows = new Map<string, Site>();
  const tickets = new Map<string, Ticket>();
  const audited: AuditEntry[] = [];
  const settings = new Map([['secret-key', KEY]]);
  let broken = false;
  let lookUps = 0;
  let isLost = false;

  const changed = (kind: ChangeKind, id: string, what: string): void => {
    changes.push({ cursor: String(changes.length), kind, id, what, atMs: clock() });
    for (const listener of listeners) setImmediate(listener);
  };
  const look = <T>(value: () => T): Promise<T> => {
    lookUps++;
    return broken
      ? Promise.reject(new Error('the ledger is down'))
      : new Promise((resolve) => resolve(value()));
  };

  return {
    audited,
    equipmentRows,
    siteRows,
    lookUps: () => lookUps,
    breakDown: (value) => {
      broken = value;
    },
    loseNext: () => {
      isLost = true;
    },
    provision(id, secret, equipment) {
      const what = credentials.has(id) ? 'rotated' : 'added';
      credentials.set(id, { id, secretHash: hashSecret(KEY, secret), equipment, revoked: false });
      changed('credential', id, what);
    },
    revoke(id) {
      const credential = credentials.get(id);
      if (credential) credentials.set(id, { ...credential, revoked: true });
      changed('credential', id, 'revoked');
    },
    resolve(ticket) {
      tickets.set(ticket.id, {
        unit: '',
        component: 'hoist',
        resolvedAtMs: clock(),
        ...ticket,
      } as Ticket);
      changed('ticket', ticket.id, 'resolve');
    },
    credentials: { get: (id) => look(() => credentials.get(id) ?? null) },
    equipment: {
      get: (id) => look(() => equipmentRows.get(id) ?? null),
      put: (row) =>
        look(() => {
          const state = { online: 'unknown', onlineAtMs: null, firmware: null, connectionId: null } as const;
          equipmentRows.set(row.id, { ...row, ...state });
        }),
    },
    sites: {
      get: (id) => look(() => siteRows.get(id) ?? null),
      put: (site) => look(() => void siteRows.set(site.id, site)),
    },
    tickets: {
      get: (id) => look(() => tickets.get(id) ?? null),
      repairs: (equipment, sinceMs) =>
        look(() =>
          [...tickets.values()].filter(
            (ticket) => ticket.equipment === equipment && (ticket.resolvedAtMs ?? 0) >= sinceMs,
          ),
        ),
    },
    audit: {
      add: async (entry) => {
        audited.push(entry);
      },
    },
    settings: {
      get: async (key) => settings.get(key) ?? null,
      init: async (key, value) => {
        if (!settings.has(key)) settings.set(key, value);
        return settings.get(key) ?? value;
      },
      set: async (key, value) => void settings.set(key, value),
    },
    changes: (after, limit) =>
      look(() => {
        const from = after === null ? 0 : Number(after) + 1;
        if (isLost && from < changes.length) {
          isLost = false;
          throw new ChangesLostError(String(after), String(changes.length));
        }
        return changes.slice(from, from + limit);
      }),
    head: async () => changes.at(-1)?.cursor ?? null,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
