import { useEffect, useState } from 'preact/hooks';
import { at } from '../format/time.ts';
import { connection, heardAt } from '../live/connection.ts';
import { t } from '../words/words.ts';

/** A short break is mended before anyone needs to know. */
const PATIENCE_MS = 2_500;

/** Says when what is on screen is no longer live, and from when it is. */
export const LiveBanner = () => {
  const state = connection.value;
  const [shown, setShown] = useState(false);
  const broken = state !== 'live';
  useEffect(() => {
    if (!broken) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [broken]);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const time = heardAt.value === 0 ? '–' : at('second', heardAt.value, zone);
  return (
    <div role="status" aria-live="polite">
      {broken && shown && (
        <p class="banner" data-testid="live-banner">
          <span class="banner-dot" aria-hidden="true" />
          {state === 'connecting'
            ? t('live.connecting')
            : state === 'offline'
              ? t('live.offline', { time })
              : t('live.lost', { time })}
        </p>
      )}
    </div>
  );
};
