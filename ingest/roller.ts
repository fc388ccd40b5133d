import { HOUR_MS, hourOf } from '../core/telemetry/hours.ts';
import type { DueHour, Ledger } from '../store/ledger.ts';
import { rowsOf } from '../store/rows.ts';
import { TelemetryDownError, type TelemetryStore } from '../store/telemetry.ts';
import { repeat } from '../time/repeat.ts';
import { type Timers, turn } from '../time/timers.ts';
import type { Problem } from './reader.ts';

export interface RollerOptions {
  readonly telemetry: Pick<TelemetryStore, 'rollUp' | 'list'>;
  readonly ledger: Pick<Ledger, 'hours' | 'equipment' | 'settings'>;
  readonly timers: Timers;
  /** How long readings are kept: of an older hour some may be gone, and what is known of it stays. */
  readonly rawMs: number;
  readonly onProblem?: (problem: Problem) => void;
}

export interface Roller {
  stats(): { readonly hours: number; readonly values: number; readonly failures: number };
  /** Makes up what is due now. */
  look(): Promise<void>;
  close(): Promise<void>;
}

const LOOK_MS = 60_000;
/** Most of what comes late comes within this; what comes later makes the hour due again. */
const GRACE_MS = 10 * 60_000;
const TOGETHER = 500;
/** Hours of an equipment made up in one call. */
const WEEK_HOURS = 168;
/** Set once the readings from before hours were marked are made up. */
const BEGUN_KEY = 'hours:begun';

const byEquipment = (marks: readonly DueHour[]): ReadonlyMap<string, readonly DueHour[]> => {
  const groups = new Map<string, DueHour[]>();
  for (const mark of marks) {
    const group = groups.get(mark.equipment);
    if (group) group.push(mark);
    else groups.set(mark.equipment, [mark]);
  }
  return groups;
};

/**
 * Makes up hourly values for long plots: of each hour that the recorder marked, once it is over and its latecomers are
 * in, and again when something comes later still. A crash between the two writes makes an hour up again, with the same
 * result. While the store is away, hours stay due.
 */
export const startRoller = ({
  telemetry,
  ledger,
  timers,
  rawMs,
  onProblem = () => undefined,
}: RollerOptions): Roller => {
  const stats = { hours: 0, values: 0, failures: 0 };
  let isClosing = false;

  const rollUp = async (equipment: string, hours: readonly number[]): Promise<void> => {
    for (let at = 0; at < hours.length && !isClosing; at += WEEK_HOURS) {
      stats.values += await telemetry.rollUp(equipment, hours.slice(at, at + WEEK_HOURS));
      stats.hours += Math.min(WEEK_HOURS, hours.length - at);
      await turn(timers);
    }
  };

  /** One that can't be made up is told and left: readings that can't be read are not mended by trying again. */
  const attempt = async (equipment: string, hours: readonly number[]): Promise<void> => {
    try {
      await rollUp(equipment, hours);
    } catch (error) {
      if (error instanceof TelemetryDownError) throw error;
      stats.failures += 1;
      const at = new Date(hours[0] ?? 0).toISOString();
      onProblem({
        what: `hourly values of ${equipment} from ${at} could not be made up`,
        error: error as Error,
      });
    }
  };

  const keptSinceMs = (): number => hourOf(timers.now() - rawMs) + HOUR_MS;

  /** Readings that were stored before hours were marked, or by somebody else. */
  const begin = async (): Promise<void> => {
    if ((await ledger.settings.get(BEGUN_KEY)) !== null) return;
    const endMs = hourOf(timers.now());
    for await (const { id } of rowsOf((page) => ledger.equipment.list(page))) {
      if (isClosing) return;
      const series = await telemetry.list(id);
      if (series.length === 0) continue;
      const firstMs = Math.max(keptSinceMs(), Math.min(...series.map((one) => hourOf(one.firstMs))));
      const hours: number[] = [];
      for (let hourMs = firstMs; hourMs < endMs; hourMs += HOUR_MS) hours.push(hourMs);
      await attempt(id, hours);
    }
    if (!isClosing) await ledger.settings.set(BEGUN_KEY, String(endMs));
  };

  const rollDue = async (): Promise<void> => {
    for (;;) {
      const beforeMs = timers.now() - GRACE_MS - HOUR_MS;
      const due = isClosing ? [] : await ledger.hours.due(beforeMs, TOGETHER);
      for (const [equipment, marks] of byEquipment(due)) {
        const whole = marks.map(({ hourMs }) => hourMs).filter((hourMs) => hourMs >= keptSinceMs());
        await attempt(equipment, whole);
        if (isClosing) return;
        await ledger.hours.done(marks);
      }
      if (due.length < TOGETHER) return;
    }
  };

  const look = async (): Promise<void> => {
    try {
      await begin();
      await rollDue();
    } catch (error) {
      // That the store is away, others say; the hours stay due.
      if (!(error instanceof TelemetryDownError)) throw error;
    }
  };

  const stop = repeat(timers, LOOK_MS, look, (error) =>
    onProblem({ what: 'hourly values could not be made up', error }),
  );
  return {
    stats: () => ({ ...stats }),
    look,
    close: async () => {
      isClosing = true;
      await stop();
    },
  };
};
