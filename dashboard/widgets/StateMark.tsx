import type { Condition, SeverityName } from '../format/condition.ts';
import { seriousness, TONE } from '../format/condition.ts';
import { t } from '../words/words.ts';

/** Every state has a shape of its own: it can be told without its colour. */
const SHAPES: Readonly<Record<Condition, preact.JSX.Element>> = {
  normal: <circle cx="8" cy="8" r="3.5" />,
  watch: <path d="M8 1.5 14.5 8 8 14.5 1.5 8Z" />,
  due: <path d="M8 1.5 15.2 14H.8Z" />,
  down: <path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2Z" />,
  offline: <path d="M3 3l10 10M8 2a6 6 0 1 0 .01 0Z" fill="none" stroke="currentColor" stroke-width="1.8" />,
  unknown: (
    <circle
      cx="8"
      cy="8"
      r="5.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-dasharray="2.5 2.2"
    />
  ),
};

export const Shape = ({
  condition,
  size = 14,
}: {
  readonly condition: Condition;
  readonly size?: number;
}) => (
  <svg
    class={`shape fill-${TONE[condition]}`}
    width={size}
    height={size}
    viewBox="0 0 16 16"
    aria-hidden="true"
  >
    {SHAPES[condition]}
  </svg>
);

/** Shape and word of how a machine is. */
export const StateMark = ({ condition }: { readonly condition: Condition }) => (
  <span class={`state ink-${TONE[condition]}`}>
    <Shape condition={condition} />
    {t(`state.${condition}`)}
  </span>
);

/** Shape and word of how bad a finding is: what is coming is due, what has happened says what was lost. */
export const ToneMark = ({
  severity,
  foretold,
  size = 14,
}: {
  readonly severity: SeverityName;
  readonly foretold: boolean;
  readonly size?: number;
}) => {
  const tone = seriousness(severity, foretold);
  return (
    <span class={`state ink-${tone}`}>
      <Shape condition={tone} size={size} />
      {foretold && tone === 'due' ? t('state.due') : t(`severity.${severity}`)}
    </span>
  );
};
