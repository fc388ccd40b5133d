import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import type { Timers } from './timers.ts';

/** RxJS' operators of time on these timers: pass it wherever an operator takes a scheduler. */
export const schedulerOf = (timers: Timers): SchedulerLike => ({
  now: () => timers.now(),
  schedule: <T>(
    work: (this: SchedulerAction<T>, state?: T) => void,
    delayMs = 0,
    state?: T,
  ): Subscription => {
    const subscription = new Subscription();
    const run = (nextState: T | undefined, nextDelayMs: number): void => {
      const cancel = timers.after(nextDelayMs, () => {
        subscription.remove(cancel);
        if (!subscription.closed) work.call(action, nextState);
      });
      subscription.add(cancel);
    };
    const action = Object.assign(subscription, {
      schedule: (again?: T, againMs = 0): Subscription => {
        run(again, againMs);
        return subscription;
      },
    }) as unknown as SchedulerAction<T>;
    run(state, delayMs);
    return subscription;
  },
});
