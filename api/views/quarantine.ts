import type { Quarantined } from '../../store/ledger.ts';
import type { QuarantinedView } from '../contract/schemas.ts';
import { iso } from './time.ts';

export const quarantinedView = ({ atMs, ...item }: Quarantined): QuarantinedView => ({
  at: iso(atMs),
  ...item,
});
