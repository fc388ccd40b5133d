import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import { personConnection } from '../core/equipment/connection.ts';
import { openSqliteLedger } from '../store/sqlite/ledger.ts';
import { openSqliteLog } from '../store/sqlite/log.ts';
import { openSqliteTelemetry } from '../store/sqlite/telemetry.ts';
import { systemTimers } from '../time/system.ts';
import { startRecorder } from './recorder.ts';
import { NOW } from './testing/records.ts';
import { startWatcher } from './watcher.ts';

test('what a person measured is stored, but shows no machine online and makes no reading of it late', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-persons-'));
  const clock = () => NOW;
  const timers = { ...systemTimers, now: clock };
  const onProblem = (problem: unknown): never => {
    throw new Error(JSON.stringify(problem));
  };
  const log = await openSqliteLog({ path: join(folder, 'log.db'), maxBytes: 1e9 });
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.db'), clock });
  const telemetry = await openSqliteTelemetry({ path: join(folder, 'telemetry.db') });
  const catalogue = await loadCatalogue();
  const recorder = await startRecorder({ log, telemetry, ledger, timers, onProblem, commitEveryMs: 20 });
  const watcher = await startWatcher({ log, ledger, catalogue, timers, onProblem, commitEveryMs: 20 });
  const says = (connectionId: string, ts: number): Promise<number> =>
    log.append({
      kind: 'message',
      receivedAtMs: NOW,
      equipment: 'E',
      site: 's',
      channel: 'telemetry',
      connectionId,
      payload: new TextEncoder().encode(JSON.stringify({ ts, values: { a: 1 } })),
    });
  const watched = (offset: number) =>
    vi.waitFor(async () => {
      const offsets = await ledger.readers.offsets();
      for (const reader of ['watcher', 'recorder'])
        expect(offsets.find((one) => one.reader === reader)?.offset).toBe(offset);
    }, 5_000);
  try {
    await ledger.sites.put({ id: 's', name: 's', position: null, timeZone: 'UTC' }, NOW);
    await ledger.equipment.put({ id: 'E', site: 's', model: 'PSH-7', name: 'E' }, NOW);
    await watched(await says(personConnection('li'), NOW));
    expect((await telemetry.latest('E')).map(({ value }) => value)).toEqual([1]);
    expect((await ledger.equipment.get('E'))?.online).toBe('unknown');
    // The machine's own clock is a minute behind ours.
    await says('c1', NOW - 60_000);
    await watched(await says('c1', NOW - 50_000));
    expect((await ledger.equipment.get('E'))?.online).toBe('online');
    expect(watcher.stats().late).toBe(0);
  } finally {
    await watcher.close();
    await recorder.close();
    await Promise.all([log.close(), ledger.close(), telemetry.close()]);
    await rm(folder, { recursive: true, force: true });
  }
});
