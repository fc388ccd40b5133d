import type { DeliveryView, ReaderView } from '../../api/contract/schemas.ts';
import { SECOND_MS, span } from '../format/time.ts';
import { named, t } from '../words/words.ts';

/** A reader takes what has come a few times a second: less than this is no lag. */
const FRESH_MS = 2 * SECOND_MS;

type Lag = Pick<ReaderView, 'stopped' | 'lagMs' | 'lagRecords'>;

/** How far a reader is, in words, and whether somebody should look. */
export const lagWords = (
  reader: Lag,
): { readonly text: string; readonly tone: 'normal' | 'due' | 'down' } => {
  if (reader.stopped !== null) return { text: t('service.stopped', { why: reader.stopped }), tone: 'down' };
  if (reader.lagMs !== null)
    return reader.lagMs < FRESH_MS
      ? { text: t('service.fresh'), tone: 'normal' }
      : { text: t('service.behind', { time: span(reader.lagMs) }), tone: 'due' };
  if (reader.lagRecords === null) return { text: t('service.elsewhere'), tone: 'normal' };
  // Elsewhere a reader commits only now and then: what is not committed yet is no cause for alarm.
  return {
    text: reader.lagRecords === 0 ? t('service.fresh') : t('service.behindRecords', { n: reader.lagRecords }),
    tone: 'normal',
  };
};

/** Why a delivery was given up. */
export const failureText = (reason: DeliveryView['reason']): string => {
  const status = /^http-(\d+)$/.exec(reason ?? '')?.[1];
  if (status !== undefined) return t('outbox.http', { status });
  return reason === null ? t('value.none') : named('outbox.because', reason);
};
