import { useEffect, useState } from 'preact/hooks';
import type { CrewView, TicketView } from '../../api/contract/schemas.ts';
import { onShift } from '../../core/crew/shift.ts';
import { PROMISES } from '../../core/dispatch/promise.ts';
import { travelMs } from '../../core/dispatch/travel.ts';
import { useSubmit } from '../client/submit.ts';
import { nowMs } from '../clock/now.ts';
import { span } from '../format/time.ts';
import { crews, crewsState, loadCrews } from '../live/crews.ts';
import { fleet } from '../live/fleet.ts';
import { t } from '../words/words.ts';

/** Crews for a ticket, those that can come first: trained and on shift, nearest first. */
export const rankCrews = (
  all: readonly CrewView[],
  job: { readonly equipmentClass: string | null; readonly position: TicketView['position'] },
  atMs: number,
): readonly {
  readonly crew: CrewView;
  readonly awayMs: number | null;
  readonly hurdle: 'inactive' | 'untrained' | 'off' | null;
}[] =>
  all
    .map((crew) => ({
      crew,
      awayMs: job.position === null ? null : travelMs(crew.position, job.position),
      hurdle: !crew.active
        ? ('inactive' as const)
        : job.equipmentClass !== null && !crew.skills.includes(job.equipmentClass)
          ? ('untrained' as const)
          : onShift(crew, atMs)
            ? null
            : ('off' as const),
    }))
    .toSorted(
      (a, b) =>
        Number(a.hurdle !== null) - Number(b.hurdle !== null) ||
        (a.awayMs ?? 0) - (b.awayMs ?? 0) ||
        a.crew.name.localeCompare(b.crew.name, 'en', { numeric: true }),
    );

const HURDLE = {
  inactive: 'form.crew.inactive',
  untrained: 'form.crew.untrained',
  off: 'form.crew.off',
} as const;

/** Chooses a crew, with the consequence shown before it is done. */
export const AssignForm = ({
  ticket,
  done,
  back,
}: {
  readonly ticket: TicketView;
  readonly done: (ticket: TicketView) => void;
  readonly back: () => void;
}) => {
  const [crew, setCrew] = useState<string | null>(null);
  const submit = useSubmit<TicketView>();
  useEffect(() => void loadCrews(), []);
  const equipmentClass = fleet.value.get(ticket.equipment)?.class ?? null;
  const ranked = rankCrews([...crews.value.values()], { equipmentClass, position: ticket.position }, nowMs());
  const chosen = crew === null ? null : (crews.value.get(crew) ?? null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (submit.busy) return;
    if (crew === null) return submit.complain(t('form.crew.missing'));
    const answer = await submit.send(`/tickets/${encodeURIComponent(ticket.id)}/assign`, { crew });
    if (answer.ok) done(answer.value);
  };
  return (
    <form class="inline-form" onSubmit={(event) => void send(event)}>
      <fieldset class="crew-choice">
        <legend>{t('form.crew')}</legend>
        {ranked.length === 0 && crewsState.value === 'ready' && <p class="quiet">{t('form.crew.none')}</p>}
        {ranked.map(({ crew: one, awayMs, hurdle }) => (
          <label key={one.id} class={hurdle === null ? '' : 'quiet'}>
            <input
              type="radio"
              name="crew"
              value={one.id}
              checked={crew === one.id}
              disabled={hurdle === 'inactive'}
              onChange={() => setCrew(one.id)}
            />
            <span class="crew-name">{one.name}</span>
            <span class="quiet">
              {hurdle === null ? (awayMs === null ? '' : span(awayMs)) : t(HURDLE[hurdle])}
            </span>
          </label>
        ))}
      </fieldset>
      {chosen && (
        <p class="consequence">
          {t('form.crew.consequence', {
            crew: chosen.name,
            time: span(PROMISES[ticket.severity === 'watch' ? 'S3' : ticket.severity].acknowledgeMs),
          })}{' '}
          {ticket.crewName !== null &&
            ticket.crew !== chosen.id &&
            t('form.crew.replaces', { crew: ticket.crewName })}
        </p>
      )}
      {submit.problem !== null && (
        <p class="form-problem" role="alert">
          {submit.problem}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="button primary" data-testid="confirm" disabled={submit.busy}>
          {submit.busy ? t('form.sending') : t('form.confirm.assign')}
        </button>
        <button type="button" class="button plain" onClick={back}>
          {t('form.back')}
        </button>
      </div>
    </form>
  );
};
