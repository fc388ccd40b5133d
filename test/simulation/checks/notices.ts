import { waitsForAcknowledgement } from '../../../core/notice/clocks.ts';
import { DEFAULT_ESCALATION } from '../../../core/rules/escalation.ts';
import { END_MS, MINUTE_MS } from '../plan.ts';
import { type Check, some } from './check.ts';
import { partUpMs } from './promises.ts';

/** The quiet at the end is long enough for every retry. */
const SETTLED_MS = 60 * MINUTE_MS;
const SLACK_MS = 6 * MINUTE_MS;

/** Each notice reaches each of its channels at least once, under one id, or says why it is no longer worth it. */
export const noticesArrive: Check = ({ receivers }, { deliveries }) => {
  const lost = deliveries.flatMap(({ notice, channel, state, message, createdAtMs, reason }) => {
    const name = `${notice.id} to ${channel}`;
    if (state === 'dropped') return reason === null ? [`${name} was dropped without a reason`] : [];
    if (state !== 'sent') return createdAtMs < END_MS - SETTLED_MS ? [`${name} is ${state} (${reason})`] : [];
    const heard = (receivers.heard.get(message ?? '') ?? []).some((line) =>
      line.split(' ').includes(notice.id),
    );
    return heard ? [] : [`${name} is said to be sent and was never heard`];
  });
  const changed = [...receivers.heard].flatMap(([id, times]) =>
    new Set(times).size > 1 ? [`${id}: ${[...new Set(times)].join(' and ')}`] : [],
  );
  return [
    ...some('notices that did not arrive', lost),
    ...some('messages that changed under their id', changed),
  ];
};

/** Whoever is asked is told so, with the very change that asks. */
export const askedAreTold: Check = (_, { tickets, notices }) =>
  some(
    'asked without a notice',
    tickets.flatMap(({ id, timeline }) =>
      timeline.flatMap(({ what, version, crew }) => {
        if (what !== 'assign') return [];
        const isTold = notices.some(
          (notice) =>
            notice.ticket === id && notice.version === version && notice.audience === `crew:${crew}`,
        );
        return isTold ? [] : [`${crew} for ${id}, version ${version}`];
      }),
    ),
  );

/** While nobody acknowledges, the chain goes on: the dispatcher hears of it when the time has come. */
export const chainsClimb: Check = (run, { tickets, notices }) =>
  some(
    'chains that stopped',
    tickets.flatMap((ticket) => {
      const first = ticket.timeline[0];
      const answered = ticket.timeline.find(
        ({ to, what }) => what === 'acknowledge' || !['open', 'dispatched'].includes(to),
      );
      // What became worse had the time of what it was before.
      const wasMilder = notices.some(
        ({ kind, ticket: id }) => kind === 'severity-raised' && id === ticket.id,
      );
      const step = DEFAULT_ESCALATION[wasMilder ? 'S3' : ticket.severity].find(
        ({ to }) => to === 'dispatcher',
      );
      if (!first || !step) return [];
      const endMs = answered?.heardAtMs ?? (waitsForAcknowledgement(ticket) ? END_MS : first.heardAtMs);
      const held = ticket.timeline.find(({ what }) => what === 'hold-over')?.heardAtMs ?? first.heardAtMs;
      // With a hold that never ended nobody but the attendant is asked.
      if (!ticket.timeline.some(({ what }) => what === 'assign' || what === 'no-crew')) return [];
      if (partUpMs(run, 'messenger', held, endMs) < step.afterMs + SLACK_MS) return [];
      const isTold = notices.some(
        (notice) =>
          notice.ticket === ticket.id && notice.kind === 'escalated' && notice.audience === 'dispatcher',
      );
      return isTold ? [] : [`${ticket.id} (${ticket.severity}) waits unheard`];
    }),
  );
