import { vi } from 'vitest';
import type { Change, Ledger, LedgerNouns } from '../../store/ledger.ts';
import type { Log } from '../../store/log.ts';

/**
 * Each mechanism that makes the service sound, switched off from outside: a module is replaced by one that lacks it.
 * `seed`: one that is known to find out, for the suite; the soak looks for the first of fifty.
 */
export interface Mechanism {
  readonly name: string;
  readonly seed: number;
  readonly off: () => void;
}

type Load<T> = () => Promise<T>;

const replaced = new Set<string>();

const replace = <T extends object>(
  path: string,
  change: (module: T) => Partial<Record<keyof T, unknown>>,
): void => {
  replaced.add(path);
  vi.doMock(path, async (original: Load<T>) => {
    const module = await original();
    return { ...module, ...change(module) };
  });
};

/** All modules as they are, from the next import on. */
export const switchOn = (): void => {
  for (const path of replaced) vi.doUnmock(path);
  replaced.clear();
  vi.resetModules();
};

type Nouns = (scope: never) => Record<string, (...args: never[]) => unknown>;

/** Changes what one noun of the ledger does; the others stay. */
const noun = (
  file: string,
  name: string,
  change: (methods: Record<string, (...args: never[]) => unknown>) => object,
): void =>
  replace<Record<string, Nouns>>(file, (module) => ({
    [name]: (scope: never) => {
      const methods = (module[name] as Nouns)(scope);
      return { ...methods, ...change(methods) };
    },
  }));

export const MECHANISMS: readonly Mechanism[] = [
  {
    name: 'identity of a reading in the telemetry store',
    seed: 0,
    off: () =>
      replace<typeof import('../../store/sqlite/chunk.merge.ts')>(
        '../../store/sqlite/chunk.merge.ts',
        () => ({
          mergeRows: (held: readonly { tsMs: number }[], incoming: readonly { tsMs: number }[]) => ({
            rows: [...held, ...incoming].sort((a, b) => a.tsMs - b.tsMs),
            added: [...incoming],
          }),
        }),
      ),
  },
  {
    name: 'order of event time',
    seed: 33,
    off: () =>
      replace<typeof import('../../core/telemetry/order.ts')>('../../core/telemetry/order.ts', () => ({
        take: (_: unknown, readings: readonly unknown[]) => ({ released: readings, late: 0 }),
      })),
  },
  {
    name: 'checkpoint saved with the offset',
    seed: 0,
    off: () => noun('../../store/ledger/readers.ts', 'readers', () => ({ saveCheckpoints: async () => {} })),
  },
  {
    // Numbered by the process instead: the same for as long as nothing dies.
    name: 'key of an alert by the record that raised it',
    seed: 100,
    off: () => {
      let raised = 0;
      replace<typeof import('../../core/detect/announce.ts')>(
        '../../core/detect/announce.ts',
        ({ raise }) => ({
          raise: (...args: Parameters<typeof raise>) => {
            const active = raise(...args);
            const { events } = args[0];
            raised += 1;
            const id = `a${raised}`;
            events.push({ ...(events.pop() as (typeof events)[number]), alert: id });
            return { ...active, id };
          },
        }),
      );
      replace<typeof import('../../ingest/watcher.ts')>('../../ingest/watcher.ts', ({ startWatcher }) => ({
        startWatcher: (options: Parameters<typeof startWatcher>[0]) => {
          raised = 0;
          return startWatcher(options);
        },
      }));
    },
  },
  {
    name: 'one open ticket an item',
    seed: 0,
    off: () => {
      noun('../../store/ledger/tickets.ts', 'tickets', () => ({ openFor: async () => null }));
      replace<typeof import('../../store/ledger/migrations/migrate.ts')>(
        '../../store/ledger/migrations/migrate.ts',
        ({ migrate }) => ({
          migrate: async (db: Parameters<typeof migrate>[0], engine: 'sqlite') => {
            await migrate(db, engine);
            await db.schema.dropIndex('tickets_open').execute();
          },
        }),
      );
    },
  },
  {
    name: 'ticket and cursor in one transaction',
    seed: 11,
    off: () =>
      replace<typeof import('../../dispatch/follow.ts')>('../../dispatch/follow.ts', () => ({
        createFollower: (options: FollowOptions) => async () => {
          const { ledger, name, concerns, handle } = options;
          const changes = await ledger.changes(await ledger.settings.get(name), 200);
          const last = changes.at(-1);
          if (last) await ledger.settings.set(name, last.cursor);
          for (const change of changes.filter(concerns)) await ledger.transaction((tx) => handle(tx, change));
          return changes.length === 200;
        },
      })),
  },
  {
    name: 'ticks',
    seed: 22,
    off: () =>
      replace<typeof import('./service/parts.ts')>('./service/parts.ts', ({ START }) => ({
        START: {
          ...START,
          edge: (home: Parameters<typeof START.edge>[0], options: Parameters<typeof START.edge>[1]) =>
            START.edge(home, { ...options, tickless: [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }] }),
        },
      })),
  },
  {
    name: 'connection id',
    seed: 100,
    off: () =>
      replace<typeof import('../../core/equipment/connection.ts')>(
        '../../core/equipment/connection.ts',
        ({ reported, disconnected }) => ({
          reported: (before: Parameters<typeof reported>[0], status: Parameters<typeof reported>[1]) =>
            reported(before, { ...status, connectionId: before.id ?? status.connectionId }),
          disconnected: (before: Parameters<typeof disconnected>[0]) => disconnected(before, before.id ?? ''),
        }),
      ),
  },
  {
    name: 'append before the acknowledgement',
    seed: 0,
    off: () =>
      replace<typeof import('../../broker/receive.ts')>('../../broker/receive.ts', ({ createReceiver }) => ({
        createReceiver: (options: Parameters<typeof createReceiver>[0]) => {
          const receiver = createReceiver(options);
          return {
            ...receiver,
            receive: (
              connection: Parameters<typeof receiver.receive>[0],
              heard: Parameters<typeof receiver.receive>[1],
              done: () => void,
            ) => {
              receiver.receive(connection, heard, () => {});
              done();
            },
          };
        },
      })),
  },
  {
    name: "the recorder's offset behind its writes",
    seed: 22,
    off: () =>
      replace<typeof import('../../ingest/write.ts')>('../../ingest/write.ts', ({ write }) => ({
        write: (telemetry: Parameters<typeof write>[0], ...rest: unknown[]) =>
          (write as (...args: unknown[]) => unknown)(
            {
              write: async (readings: Parameters<typeof telemetry.write>[0]) => {
                telemetry.write(readings).catch(() => undefined);
                return { stored: 0, duplicates: 0 };
              },
            },
            ...rest,
          ),
      })),
  },
  {
    name: 'clocks of promises in the ticket',
    seed: 99,
    off: () => noun('../../store/ledger/tickets.ts', 'tickets', () => ({ due: async () => [] })),
  },
  {
    name: 'repair told before the cursor moves',
    seed: 33,
    off: () =>
      replace<typeof import('../../dispatch/repairs.ts')>('../../dispatch/repairs.ts', () => ({
        createRepairTeller:
          (ledger: Ledger, log: Pick<Log, 'append'>, clock: () => number) => async (): Promise<boolean> => {
            const name = 'desk-repairs-cursor';
            const changes = await ledger.changes(await ledger.settings.get(name), 200);
            const last = changes.at(-1);
            if (last) await ledger.settings.set(name, last.cursor);
            for (const { kind, what, id } of changes) {
              const ticket = kind === 'ticket' && what === 'resolve' ? await ledger.tickets.get(id) : null;
              if (ticket?.resolvedAtMs == null) continue;
              const { equipment, unit, component, resolvedAtMs: repairedAtMs } = ticket;
              await log.append({
                kind: 'control',
                receivedAtMs: clock(),
                control: { type: 'repaired', equipment, unit, component, repairedAtMs, ticket: id },
              });
            }
            return changes.length === 200;
          },
      })),
  },
  {
    name: 'answers kept by their key',
    seed: 0,
    off: () => noun('../../store/ledger/idempotency.ts', 'idempotency', () => ({ get: async () => null })),
  },
  {
    name: 'repairs told again to who subscribes later',
    seed: 22,
    off: () => noun('../../store/ledger/tickets.ts', 'tickets', () => ({ repairs: async () => [] })),
  },
  {
    // Each statement is kept by itself; keys that hold at the end of a transaction only would refuse every alert.
    name: 'transactions of the ledger',
    seed: 3,
    off: () =>
      replace<typeof import('../../store/sqlite/ledger.calls.ts')>(
        '../../store/sqlite/ledger.calls.ts',
        ({ ledgerCalls }) => ({
          ledgerCalls: (...args: Parameters<typeof ledgerCalls>) => ({
            ...ledgerCalls(...args),
            begin: () => args[0].exec('pragma foreign_keys = off'),
            commit: () => undefined,
            rollback: () => undefined,
          }),
        }),
      ),
  },
  {
    name: 'leases of deliveries that outlive their sender',
    seed: 516,
    off: () =>
      noun('../../store/ledger/outbox.ts', 'outbox', ({ claim }) => ({
        claim: (ids: unknown, message: unknown, nowMs: unknown) =>
          claim?.(...([ids, message, nowMs, Number.MAX_SAFE_INTEGER] as never[])),
      })),
  },
  {
    name: 'retries of what could not be sent',
    seed: 0,
    off: () =>
      noun('../../store/ledger/outbox.ts', 'outbox', ({ finish }) => ({
        finish: (delivery: unknown, result: { readonly state: string }, atMs: unknown) =>
          finish?.(...([delivery, result.state === 'waiting' ? { state: 'sent' } : result, atMs] as never[])),
      })),
  },
  {
    name: 'clocks of the chain in the ledger',
    seed: 322,
    off: () => noun('../../store/ledger/clocks.ts', 'clocks', () => ({ claim: async () => [] })),
  },
  {
    name: 'states forgotten when the service starts',
    seed: 44,
    off: () =>
      replace<typeof import('../../app.ts')>('../../app.ts', () => ({ forgetOnline: async () => undefined })),
  },
];

interface FollowOptions {
  readonly ledger: {
    readonly settings: LedgerNouns['settings'];
    changes(after: string | null, limit: number): Promise<readonly Change[]>;
    transaction<T>(work: (tx: LedgerNouns) => Promise<T>): Promise<T>;
  };
  readonly name: string;
  readonly concerns: (change: Change) => boolean;
  readonly handle: (tx: LedgerNouns, change: Change) => Promise<void>;
}
