import type { HealthCode } from '../../api/contract/health.ts';
import { healthCodes } from '../live/health.ts';
import { t } from '../words/words.ts';

/** What changes what everybody sees on screen; the rest stands on the page of the service. */
const FOR_ALL = [
  'log-broken',
  'log-full',
  'ledger-away',
  'ledger-not-written',
  'telemetry-away',
] as const satisfies readonly HealthCode[];

/** Says in plain words what of the service is away, what is safe, and what is missing on screen meanwhile. */
export const HealthBanner = () => {
  const codes = healthCodes.value;
  const shown = FOR_ALL.filter((code) => codes.includes(code));
  return (
    <div role="status" aria-live="polite">
      {shown.map((code) => (
        <p class="banner" key={code} data-testid={`health-${code}`}>
          <span class="banner-dot" aria-hidden="true" />
          {t(`health.banner.${code}`)}
        </p>
      ))}
    </div>
  );
};
