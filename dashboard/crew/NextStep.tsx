import { useEffect, useRef, useState } from 'preact/hooks';
import type { TicketView } from '../../api/contract/schemas.ts';
import { nextAction } from '../../core/ticket/step.ts';
import { type Key, t } from '../words/words.ts';
import { takeStep } from './outbox.ts';
import type { CrewAction } from './queue.ts';

/** A second tap of the same thumb must not take the step after. */
const REST_MS = 900;

const REASONS = {
  decline: ['form.decline.busy', 'form.decline.far', 'form.decline.parts', 'form.decline.trained'],
  wait: ['form.wait.part', 'form.wait.access', 'form.wait.customer'],
} as const satisfies Record<string, readonly Key[]>;

/** Why, with one tap where a usual reason fits. */
const WhySheet = ({
  action,
  done,
  back,
}: {
  readonly action: 'decline' | 'wait';
  readonly done: (reason: string) => void;
  readonly back: () => void;
}) => {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const sheet = useRef<HTMLFormElement>(null);
  useEffect(() => sheet.current?.querySelector('button')?.focus(), []);
  const send = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === '') setMissing(true);
    else done(text.trim());
  };
  return (
    <form
      ref={sheet}
      class="sheet"
      aria-label={t(`form.reason.${action}`)}
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key === 'Escape') back();
      }}
    >
      <h2>{t(`form.reason.${action}`)}</h2>
      <div class="sheet-reasons">
        {REASONS[action].map((key) => (
          <button key={key} type="button" class="button" onClick={() => done(t(key))}>
            {t(key)}
          </button>
        ))}
      </div>
      <label class="field">
        <span class="unseen">{t(`form.reason.${action}`)}</span>
        <textarea
          rows={2}
          maxLength={500}
          value={text}
          data-testid="reason"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {missing && (
        <p class="form-problem" role="alert">
          {t('form.reason.missing')}
        </p>
      )}
      <div class="sheet-actions">
        <button type="submit" class="button big" data-testid="confirm">
          {t(`form.confirm.${action}`)}
        </button>
        <button type="button" class="button plain big" onClick={back}>
          {t('form.back')}
        </button>
      </div>
    </form>
  );
};

const isStep = (action: string): action is 'acknowledge' | 'depart' | 'arrive' | 'resolve' | 'resume' =>
  ['acknowledge', 'depart', 'arrive', 'resolve', 'resume'].includes(action);

/** The one next step, in reach of the thumb; what is done less often stands smaller beside it. */
export const NextStep = ({
  job,
  findings,
  sent,
}: {
  readonly job: TicketView;
  readonly findings: string;
  readonly sent: () => void;
}) => {
  const [asking, setAsking] = useState<'decline' | 'wait' | null>(null);
  const [resting, setResting] = useState(false);
  const [full, setFull] = useState(false);
  useEffect(() => {
    if (!resting) return;
    const timer = setTimeout(() => setResting(false), REST_MS);
    return () => clearTimeout(timer);
  }, [resting]);
  const action = nextAction(job.state);
  if (action === null || !isStep(action)) return null;
  const take = (step: CrewAction, words: { readonly note?: string; readonly reason?: string } = {}): void => {
    const room = takeStep(job.id, step, words);
    setFull(!room);
    if (!room) return;
    setAsking(null);
    setResting(true);
  };
  const step = (): void => {
    if (resting) return;
    const note = action === 'resolve' ? findings.trim() : '';
    take(action, note === '' ? {} : { note });
    if (action === 'resolve') sent();
  };
  const aside =
    job.state === 'dispatched' || job.state === 'acknowledged'
      ? 'decline'
      : job.state === 'waiting'
        ? null
        : 'wait';
  return (
    <div class="next-bar">
      {asking !== null ? (
        <WhySheet
          key={asking}
          action={asking}
          done={(reason) => take(asking, { reason })}
          back={() => setAsking(null)}
        />
      ) : (
        <>
          {full && (
            <p class="form-problem" role="alert">
              {t('crew.full')}
            </p>
          )}
          {aside !== null && (
            <button
              type="button"
              class="button plain aside"
              data-testid={aside}
              disabled={resting}
              onClick={() => setAsking(aside)}
            >
              {t(`do.${aside}`)}
            </button>
          )}
          <button
            type="button"
            class="button primary next"
            data-testid="next-step"
            data-action={action}
            aria-disabled={resting}
            onClick={step}
          >
            {t(`crew.step.${action}`)}
          </button>
        </>
      )}
    </div>
  );
};
