import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteLedger } from './ledger.ts';
import { openSqliteLog } from './log.ts';
import { openSqliteTelemetry } from './telemetry.ts';

describe('files of the stores', () => {
  let base: string;
  let before: number;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'precall-private-'));
    // As on most machines.
    before = process.umask(0o022);
  });
  afterEach(async () => {
    process.umask(before);
    await rm(base, { recursive: true, force: true });
  });
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  const modesIn = async (folder: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(folder)).map(async (name) => [name, await modeOf(join(folder, name))] as const),
      ),
    );

  const stores = {
    log: (folder: string) => openSqliteLog({ path: join(folder, 'log.sqlite'), maxBytes: 2 ** 30 }),
    telemetry: (folder: string) => openSqliteTelemetry({ path: join(folder, 'telemetry.sqlite') }),
    ledger: (folder: string) => openSqliteLedger({ path: join(folder, 'ledger.sqlite'), clock: () => 0 }),
  };

  it.each(Object.keys(stores) as (keyof typeof stores)[])('of the %s are its owner’s alone', async (name) => {
    const folder = join(base, 'data');
    const first = await stores[name](folder);
    expect(await modeOf(folder)).toBe('700');
    expect([...new Set(Object.values(await modesIn(folder)))]).toEqual(['600']);
    await first.close();
    // Made by an older release, in a folder that somebody made for it.
    await chmod(join(folder, `${name}.sqlite`), 0o644);
    await chmod(folder, 0o750);
    const again = await stores[name](folder);
    const modes = await modesIn(folder);
    expect([...new Set(Object.values(modes))]).toEqual(['600']);
    expect(Object.keys(modes).length).toBeGreaterThan(1);
    expect(await modeOf(folder)).toBe('750');
    await again.close();
  });

  it('keep the mode of a folder that was there', async () => {
    const folder = join(base, 'shared');
    await mkdir(folder, { mode: 0o755 });
    await (await stores.telemetry(folder)).close();
    expect(await modeOf(folder)).toBe('755');
  });
});
