import type { EscalationReason } from '../core/notice/escalate.ts';
import type { Audience } from '../core/notice/notice.ts';
import { isFailing } from '../core/notice/retry.ts';
import type { EscalationRecipient } from '../core/rules/escalation.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { everyRow, rowsOf } from '../store/rows.ts';

/** Whom a step of a chain turns to; null where there is nobody of that kind. */
export const audienceOf = async (
  tx: LedgerNouns,
  to: EscalationRecipient,
  crew: string | null,
): Promise<Audience | null> => {
  if (to === 'dispatcher' || to === 'admin') return to;
  if (crew === null) return null;
  if (to === 'crew') return `crew:${crew}`;
  const station = (await tx.crews.get(crew))?.station ?? null;
  return station === null ? null : `station:${station}`;
};

/** Somebody of the crew can sign in: the dashboard is a channel, too. */
const hasAccount = async (tx: LedgerNouns, crew: string): Promise<boolean> => {
  for await (const user of rowsOf((page) => tx.people.list(page)))
    if (user.crew === crew && !user.disabled) return true;
  return false;
};

/** Why this recipient can't be told now, by name; null: can be. Dispatchers and administrators have the dashboard. */
export const whyNot = async (
  tx: LedgerNouns,
  to: EscalationRecipient,
  crew: string | null,
): Promise<EscalationReason | null> => {
  const audience = await audienceOf(tx, to, crew);
  if (audience === null) return to === 'station' ? 'station-has-no-channel' : null;
  const channels = await everyRow((page) => tx.channels.list(page));
  const own = channels.filter((channel) => !channel.disabled && channel.audience === audience);
  if (own.length > 0) return own.every(isFailing) ? 'channel-fails' : null;
  if (to === 'station') return 'station-has-no-channel';
  if (to !== 'crew' || crew === null || (await hasAccount(tx, crew))) return null;
  return 'crew-has-no-channel';
};
