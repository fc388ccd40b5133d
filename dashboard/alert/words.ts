import type { AlertDetailView } from '../../api/contract/schemas.ts';
import { named, t } from '../words/words.ts';

type Entry = AlertDetailView['timeline'][number];

/** One line of a finding's history: what happened, why, and by whom where it was a person. */
export const entryWords = (
  entry: Entry,
): { readonly what: string; readonly because: string | null; readonly by: string | null } => ({
  what: named('alert.did', entry.type),
  // That a person did it is told by their name.
  because: entry.reason === 'by-person' ? null : named('because', entry.reason),
  by: entry.actor === null || entry.actor === 'system' ? null : t('happened.by', { who: entry.actor }),
});
