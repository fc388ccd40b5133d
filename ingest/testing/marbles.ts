import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** RxJS's marble tests, asserted by Vitest. */
export const marbles = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
