import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, type LogEntry, LogFullError, type LogRecord } from './log.ts';

/** One place of storage that a log can be opened on again and again. */
export interface LogStorage {
  /** Opens the log that lies there; the caller closes it. */
  open(options?: { readonly maxBytes?: number }): Promise<Log>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

const START_MS = 1_767_225_600_000;

export const tick = (i: number): LogEntry => ({ kind: 'tick', receivedAtMs: START_MS + i });

export const message = (i: number, payload: string | Uint8Array = `{"n":${i}}`): LogEntry => ({
  kind: 'message',
  receivedAtMs: START_MS + i,
  equipment: `garage-${i % 3}`,
  site: 'yard',
  channel: (['telemetry', 'fault', 'status'] as const)[i % 3]!,
  connectionId: `c${i % 5}`,
  payload: typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
});

/** Reads to the end in pages; only an empty page means that nothing follows. */
export const readAll = async (log: Log, after = -1, limit = 100): Promise<LogRecord[]> => {
  const records: LogRecord[] = [];
  for (;;) {
    const page = await log.read(records.at(-1)?.offset ?? after, limit);
    if (page.length === 0) return records;
    records.push(...page);
  }
};

const entryOf = ({ offset, partition, ...entry }: LogRecord): unknown => entry;
const offsetsOf = (records: readonly LogRecord[]): number[] => records.map(({ offset }) => offset);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const appendAll = (log: Log, entries: readonly LogEntry[]): Promise<number[]> =>
  Promise.all(entries.map((entry) => log.append(entry)));

/** What every log does. `storage` gives a fresh, empty place for each test. */
export const logSuite = (name: string, storage: () => Promise<LogStorage>): void => {
  describe(`log: ${name}`, () => {
    let place: LogStorage;
    let log: Log;
    beforeEach(async () => {
      place = await storage();
      log = await place.open();
    });
    afterEach(async () => {
      await log.close();
      await place.dispose();
    });
    const reopen = async (options: { readonly maxBytes?: number } = {}): Promise<void> => {
      await log.close();
      log = await place.open(options);
    };

    it('is empty at first', async () => {
      expect(await log.read(-1, 10)).toEqual([]);
      expect(await log.stats()).toMatchObject({
        bytes: 0,
        pending: 0,
        appended: 0,
        refused: 0,
        broken: null,
      });
      const { firstOffset, nextOffset } = await log.stats();
      expect(firstOffset).toBe(nextOffset);
    });

    it('gives growing offsets in the order of the calls and reads the records back as they came', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const entries: LogEntry[] = [
        message(0),
        tick(1),
        message(2, bytes),
        message(3, '{"unit":"左侧 🚗"}'),
        message(4, ''),
        {
          kind: 'control',
          receivedAtMs: START_MS - 5,
          control: { type: 'connected', connectionId: 'c9', equipment: ['a', 'b'] },
        },
        {
          kind: 'control',
          receivedAtMs: START_MS,
          control: {
            type: 'repaired',
            equipment: 'a',
            unit: 'bay7',
            component: 'hoist',
            repairedAtMs: START_MS,
            ticket: 't1',
          },
        },
      ];
      const offsets = await appendAll(log, entries);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(new Set(offsets).size).toBe(entries.length);
      for (const again of [false, true]) {
        if (again) await reopen();
        const records = await readAll(log);
        expect(offsetsOf(records)).toEqual(offsets);
        expect(records.map(entryOf)).toEqual(entries);
      }
    });

    it('keeps a copy: the caller may use its buffer again', async () => {
      const payload = new TextEncoder().encode('before');
      const stored = log.append(message(0, payload));
      payload.fill(0);
      await stored;
      const [record] = await log.read(-1, 1);
      expect(record?.kind === 'message' && new TextDecoder().decode(record.payload)).toBe('before');
    });

    it('reads after an offset, at most `limit`, from any place', async () => {
      const offsets = await appendAll(
        log,
        range(0, 500).map((i) => message(i)),
      );
      for (const again of [false, true]) {
        if (again) await reopen();
        expect(offsetsOf(await log.read(offsets[99]!, 7))).toEqual(offsets.slice(100, 107));
        expect(offsetsOf(await readAll(log, offsets[250]!, 33))).toEqual(offsets.slice(251));
        expect(await log.read(offsets.at(-1)!, 10)).toEqual([]);
        expect(await log.read(offsets.at(-1)! + 1_000, 10)).toEqual([]);
      }
    });

    it('shows a record only once it is durable, and then to everyone', async () => {
      const offset = await log.append(tick(0));
      expect(offsetsOf(await log.read(-1, 10))).toEqual([offset]);
      expect(await log.stats()).toMatchObject({ nextOffset: offset + 1, pending: 0, appended: 1 });
    });

    it('commits what comes together in one group', async () => {
      await appendAll(log, range(0, 200).map(tick));
      const { groups, appended } = await log.stats();
      expect(appended).toBe(200);
      expect(groups).toBeLessThan(20);
    });

    it('tells listeners of a commit until they leave', async () => {
      let heard = 0;
      const listener = () => void heard++;
      const leave = log.onAppend(listener);
      await log.append(tick(0));
      await expect.poll(() => heard).toBe(1);
      leave();
      await log.append(tick(1));
      await log.append(tick(2));
      expect(heard).toBe(1);
    });

    it('trims behind an offset, whole groups only, and never what is at or after it', async () => {
      const offsets: number[] = [];
      for (const i of range(0, 20)) offsets.push(...(await appendAll(log, [message(i), tick(i)])));
      const before = await log.stats();
      const dropped = await log.trim(offsets[21]!);
      const after = await log.stats();
      expect(dropped).toBeGreaterThan(0);
      expect(after.firstOffset).toBeLessThanOrEqual(offsets[21]!);
      expect(after.firstOffset - before.firstOffset).toBe(dropped);
      expect(after.bytes).toBeLessThan(before.bytes);
      expect(offsetsOf(await readAll(log))).toEqual(range(after.firstOffset, after.nextOffset));
      await reopen();
      expect(await log.stats()).toMatchObject({
        firstOffset: after.firstOffset,
        nextOffset: after.nextOffset,
        bytes: after.bytes,
      });
      expect(await log.trim(offsets[21]!)).toBe(0);
    });

    it('never uses an offset twice, also when everything was trimmed and it was opened again', async () => {
      const offsets = await appendAll(log, range(0, 50).map(tick));
      const next = offsets.at(-1)! + 1;
      expect(await log.trim(next)).toBe(50);
      expect(await log.stats()).toMatchObject({ firstOffset: next, nextOffset: next, bytes: 0 });
      expect(await log.read(-1, 10)).toEqual([]);
      await reopen();
      expect(await log.stats()).toMatchObject({ firstOffset: next, nextOffset: next });
      expect(await log.append(tick(99))).toBeGreaterThanOrEqual(next);
      expect((await readAll(log)).length).toBe(1);
    });

    it('keeps its id when it is opened again or emptied; another log has another', async () => {
      const { id } = log;
      expect(id).toMatch(/^\S{8,64}$/);
      await log.trim((await log.append(tick(0))) + 1);
      await reopen();
      expect(log.id).toBe(id);
      const elsewhere = await storage();
      const other = await elsewhere.open();
      expect(other.id).not.toBe(id);
      await other.close();
      await elsewhere.dispose();
    });

    it('refuses a trim beyond its end: that offset is of another log', async () => {
      const offset = await log.append(tick(0));
      await expect(log.trim(offset + 2)).rejects.toThrow(RangeError);
      expect(offsetsOf(await readAll(log))).toEqual([offset]);
    });

    it('skips to a later offset while it is empty, also across a restart, and never back', async () => {
      await log.skipTo(5_000);
      expect(await log.stats()).toMatchObject({ firstOffset: 5_000, nextOffset: 5_000, bytes: 0 });
      await reopen();
      await log.skipTo(100);
      expect(await log.append(tick(0))).toBe(5_000);
      expect(offsetsOf(await log.read(12, 10))).toEqual([5_000]);
      await expect(log.skipTo(9_000)).rejects.toThrow(/holds records/);
      expect(await log.append(tick(1))).toBe(5_001);
      await log.trim(5_002);
      const skipped = log.skipTo(6_000);
      expect(await log.append(tick(2))).toBe(6_000);
      await skipped;
      expect(await log.stats()).toMatchObject({ firstOffset: 6_000, nextOffset: 6_001 });
    });

    it('refuses at its limit, keeps what it has, and takes more once it is trimmed', async () => {
      await reopen({ maxBytes: 64 * 1024 });
      const payload = new Uint8Array(4_096);
      const kept: number[] = [];
      let refusal: unknown = null;
      for (let i = 0; i < 50 && !refusal; i++)
        await log.append(message(i, payload)).then(
          (offset) => kept.push(offset),
          (error: unknown) => {
            refusal = error;
          },
        );
      expect(refusal).toBeInstanceOf(LogFullError);
      expect(kept.length).toBeGreaterThan(8);
      const full = await log.stats();
      expect(full.refused).toBe(1);
      expect(full.bytes).toBeLessThanOrEqual(full.maxBytes);
      expect(offsetsOf(await readAll(log))).toEqual(kept);
      await log.trim(kept[5]! + 1);
      const offset = await log.append(message(99, payload));
      expect(offset).toBeGreaterThan(kept.at(-1)!);
      expect(offsetsOf(await readAll(log))).toEqual([...kept.slice(6), offset]);
    });

    it('gives each of several readers every record in order while appends and trims go on', async () => {
      const total = 3_000;
      const seen: number[][] = [[], []];
      const follow = async (mine: number[], limit: number): Promise<void> => {
        while (mine.length < total) {
          const page = await log.read(mine.at(-1) ?? -1, limit);
          mine.push(...offsetsOf(page));
          if (page.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        }
      };
      const readers = [follow(seen[0]!, 17), follow(seen[1]!, 500)];
      const offsets: number[] = [];
      for (let i = 0; i < total; i += 100) {
        offsets.push(
          ...(await appendAll(
            log,
            range(i, i + 100).map((n) => message(n)),
          )),
        );
        await log.trim(Math.min(...seen.map((mine) => (mine.at(-1) ?? -1) + 1)));
      }
      await Promise.all(readers);
      expect(seen[0]).toEqual(offsets);
      expect(seen[1]).toEqual(offsets);
    });

    it('writes what is pending before it closes, and takes nothing afterwards', async () => {
      const pending = appendAll(log, range(0, 10).map(tick));
      await log.close();
      const offsets = await pending;
      await expect(log.append(tick(1))).rejects.toThrow(/closed/);
      log = await place.open();
      expect(offsetsOf(await readAll(log))).toEqual(offsets);
    });
  });
};
