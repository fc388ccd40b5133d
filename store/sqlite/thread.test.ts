import { describe, expect, it } from 'vitest';
import { startThread, type ThreadOptions } from './thread.ts';

const start = (options: ThreadOptions = {}, fails = false) =>
  startThread(new URL('./thread.fixture.ts', import.meta.url), { fails }, options);

describe('thread', () => {
  it('answers calls, moves buffers, and carries errors with name, message and code', async () => {
    const thread = await start();
    expect(await thread.call('add', [2, 3])).toBe(5);
    expect(await thread.call('bytes', [3])).toEqual([Uint8Array.of(7, 7, 7)]);
    await expect(thread.call('fail', [])).rejects.toMatchObject({
      name: 'TypeError',
      message: 'not like that',
      code: 'E_LIKE',
    });
    await expect(thread.call('nothing', [])).rejects.toThrow(/no call named nothing/);
    expect(await thread.call('add', [1, 1])).toBe(2);
    await thread.close();
  });

  it('leaves no thread behind when the worker cannot open', async () => {
    const ports = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = ports();
    await expect(start({}, true)).rejects.toMatchObject({ name: 'RangeError', code: 'E_FOLDER' });
    await expect.poll(ports).toBe(before);
  });

  it('refuses more calls than may wait, and takes them again later', async () => {
    const thread = await start({ maxWaiting: 2 });
    const waiting = [thread.call('wait', [30]), thread.call('wait', [1])];
    await expect(thread.call('add', [1, 1])).rejects.toThrow(/2 calls wait/);
    expect(await Promise.all(waiting)).toEqual([30, 1]);
    expect(await thread.call('add', [1, 1])).toBe(2);
    // Refusing must not keep anyone from closing.
    const last = [thread.call('wait', [5]), thread.call('wait', [5])];
    await thread.close();
    expect(await Promise.all(last)).toEqual([5, 5]);
  });

  it('does not keep what cannot be sent', async () => {
    const thread = await start({ maxWaiting: 1 });
    await expect(thread.call('add', [() => 1])).rejects.toThrow(/clone/);
    expect(await thread.call('add', [1, 2])).toBe(3);
    await thread.close();
  });

  it('rejects what waits, and what comes later, when the thread breaks; and after it was closed', async () => {
    const broken = await start();
    const calls = [broken.call('die', []), broken.call('wait', [20])];
    await Promise.allSettled(calls);
    await expect
      .poll(() => broken.call('add', [1, 1]).catch((error: Error) => error.message))
      .toMatch(/broke/);
    await broken.close();
    const closed = await start();
    await Promise.all([closed.close(), closed.close()]);
    await expect(closed.call('add', [1, 1])).rejects.toThrow(/ended/);
  });
});
