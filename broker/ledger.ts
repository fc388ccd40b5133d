import type { Audit, Credentials, EquipmentBook, Ledger, Settings, Sites, Tickets } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';

/** What the broker needs of the store: a whole `Ledger` and `Log` fit. */
export interface BrokerLedger extends Pick<Ledger, 'changes' | 'head' | 'onChange'> {
  readonly credentials: Pick<Credentials, 'get'>;
  readonly equipment: Pick<EquipmentBook, 'get' | 'put'>;
  readonly sites: Pick<Sites, 'get' | 'put'>;
  readonly tickets: Pick<Tickets, 'get' | 'repairs'>;
  readonly audit: Pick<Audit, 'add'>;
  readonly settings: Settings;
}

export type BrokerLog = Pick<Log, 'append'>;

/** The part of a pino logger that the broker uses. */
export interface BrokerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
