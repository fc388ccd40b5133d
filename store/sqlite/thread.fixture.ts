import { serve, transferring } from './thread.ts';

/** A worker for the thread's own test. */
serve(({ fails }: { readonly fails: boolean }) => {
  if (fails) throw Object.assign(new RangeError('no such folder'), { code: 'E_FOLDER' });
  return {
    add: (a: number, b: number) => a + b,
    fail: () => {
      throw Object.assign(new TypeError('not like that'), { code: 'E_LIKE' });
    },
    bytes: (count: number) => {
      const bytes = new Uint8Array(count).fill(7);
      return transferring([bytes], [bytes.buffer]);
    },
    wait: (ms: number) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      return ms;
    },
    die: () => {
      setImmediate(() => {
        throw new Error('the thread broke');
      });
    },
    close: () => {},
  };
});
