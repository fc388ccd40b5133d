import { type Audience, type ChannelAudience, isChannelAudience, type Notice } from './notice.ts';

/** Limits of what a person may set. */
export const MAX_CHANNELS = 200;
export const MAX_URL_CHARACTERS = 2_048;
export const MAX_PER_MINUTE = 600;
export const DEFAULT_PER_MINUTE = 60;

export interface SettingProblem {
  readonly field: 'id' | 'url' | 'audience' | 'perMinute';
  readonly reason: string;
  readonly detail: string;
}

const urlProblem = (text: string): string | null => {
  if (text.length > MAX_URL_CHARACTERS || !URL.canParse(text))
    return 'must be a URL, as https://example.com/hook';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https: or http:';
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user or password: they would be sent as they are';
  return null;
};

/** What is wrong with the settings of a channel, naming the field and the mend; null: nothing. */
export const settingProblem = (settings: {
  readonly id: string;
  readonly url: string;
  readonly audience: string;
  readonly perMinute: number;
}): SettingProblem | null => {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(settings.id))
    return { field: 'id', reason: 'bad-id', detail: 'use 1 to 64 of the letters A-Z a-z, digits, _ and -' };
  const url = urlProblem(settings.url);
  if (url !== null) return { field: 'url', reason: 'bad-url', detail: url };
  if (!isChannelAudience(settings.audience)) {
    const detail = 'must be dispatcher, admin, attendant, all, crew:ID, station:ID or site:ID';
    return { field: 'audience', reason: 'bad-audience', detail };
  }
  const { perMinute } = settings;
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > MAX_PER_MINUTE)
    return {
      field: 'perMinute',
      reason: 'bad-limit',
      detail: `must be 1 to ${MAX_PER_MINUTE} messages a minute`,
    };
  return null;
};

/** The id that an audience names, with what it is; null where it names none. */
export const namedIn = (
  audience: ChannelAudience,
): { readonly what: 'crew' | 'station' | 'site'; readonly id: string } | null => {
  const [, what, id] = /^(crew|station|site):(.+)$/.exec(audience) ?? [];
  return id === undefined ? null : { what: what as 'crew' | 'station' | 'site', id };
};

/** Paths and queries of webhooks are often keys: enough to recognise one, not to use it. */
export const shownUrl = (text: string): string => {
  const { origin, pathname, search } = new URL(text);
  const rest = `${pathname}${search}`;
  return rest.length <= 8 ? `${origin}${rest}` : `${origin}/…${rest.slice(-4)}`;
};

/** Asks the sender to try a channel; told to nobody else. */
export const testNotice = (channel: string, id: string, atMs: number): Notice => ({
  id: `test.${channel}.${id}`,
  kind: 'test',
  audience: 'admin',
  atMs,
  ticket: null,
  version: 0,
  site: null,
  severity: null,
  crew: null,
  channel,
  reason: null,
});

/** Whose notices somebody with these rights finds in the inbox. */
export const inboxOf = (who: {
  readonly role: string;
  readonly crew: string | null;
}): readonly Audience[] => {
  switch (who.role) {
    case 'admin':
      return ['dispatcher', 'admin'];
    case 'dispatcher':
      return ['dispatcher'];
    case 'attendant':
      return ['attendant'];
    case 'crew':
      return who.crew === null ? [] : [`crew:${who.crew}`];
    default:
      return [];
  }
};
