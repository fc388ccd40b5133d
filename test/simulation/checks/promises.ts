import { PROMISES } from '../../../core/dispatch/promise.ts';
import { isFinal } from '../../../core/ticket/step.ts';
import { END_MS, HOUR_MS, MINUTE_MS, type PartName } from '../plan.ts';
import type { Run } from '../simulate.ts';
import { type Check, some } from './check.ts';
import type { Found } from './found.ts';

/** Ticks of the clocks, a slow store, and the pause after a failure. */
const SLACK_MS = 4 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a part was up, and could reach its stores, in a span. */
export const partUpMs = ({ service, plan }: Run, part: PartName, fromMs: number, toMs: number): number => {
  const ups = service.up.get(part) ?? [];
  const outs = plan.disturbances.outages.filter(({ store }) => store !== 'telemetry');
  const cut = (a: number, b: number): number => Math.max(0, Math.min(b, toMs) - Math.max(a, fromMs));
  const up = ups.reduce((sum, span) => sum + cut(span.fromMs, span.toMs ?? END_MS), 0);
  return up - outs.reduce((sum, out) => sum + cut(out.fromMs, out.toMs), 0);
};

type Ticket = Found['tickets'][number];
type Line = Ticket['timeline'][number];

/** For how long a ticket may stay as this line left it, while the desk is there; null: as long as people like. */
const boundMs = ({ severity }: Ticket, line: Line, isHeld: boolean): number | null => {
  if (line.to === 'dispatched') return PROMISES.S3.acknowledgeMs;
  // A pause between rounds, the attendant's time, or all crews with other jobs.
  if (line.to === 'open') return isHeld ? PROMISES[severity].acknowledgeMs + 6 * HOUR_MS : 6 * HOUR_MS;
  return line.to === 'resolved' ? DAY_MS : null;
};

/** No clock of a promise is forgotten, whatever died in between. */
export const promisesKept: Check = (run, { tickets }) => {
  const forgotten = tickets.flatMap((ticket) =>
    ticket.timeline.flatMap((line, i) => {
      const bound = boundMs(ticket, line, false);
      // Comments and joined alerts keep the clock as it is.
      const next = ticket.timeline.slice(i + 1).find((later) => later.to !== line.to || isClock(later.what));
      if (bound === null || isFinal(line.to)) return [];
      const endMs = next?.heardAtMs ?? END_MS;
      const stoodMs = partUpMs(run, 'desk', line.heardAtMs, endMs);
      if (stoodMs <= bound + SLACK_MS) return [];
      return [`${ticket.id} stays ${line.to} for ${Math.round(stoodMs / MINUTE_MS)} min after ${line.what}`];
    }),
  );
  return some('promises that nobody kept', forgotten);
};

const isClock = (what: string): boolean =>
  ['not-acknowledged', 'clock-resumed', 'hold-over', 'recovery-not-seen', 'no-crew', 'assign'].includes(what);
