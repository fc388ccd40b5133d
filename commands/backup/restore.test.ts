import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../config.ts';
import { adoptLog } from '../../store/adopt.ts';
import type { Ledger } from '../../store/ledger.ts';
import { message } from '../../store/log.suite.ts';
import type { Log } from '../../store/log.ts';
import { openSqliteLog } from '../../store/sqlite/log.ts';
import { openSqliteTelemetry } from '../../store/sqlite/telemetry.ts';
import { openLedger } from '../../stores.ts';
import { type Manifest, manifestText, readManifest } from './manifest.ts';
import { openMoment } from './moment.ts';
import { restoreBackup } from './restore.ts';
import { writeBackup } from './write.ts';

let base: string;
let config: Config;
let folder: string;
let ledger: Ledger;
let log: Log;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'precall-restore-'));
  config = readConfig({ PRECALL_DATA: join(base, 'data') });
  folder = join(base, 'backup');
  ledger = await openLedger(config.ledger, () => 0);
  log = await openSqliteLog({ path: config.logPath, maxBytes: 2 ** 30 });
  await adoptLog({ log, ledger, clock: () => 0 });
  for (const subject of ['a', 'b'])
    await ledger.audit.add({ atMs: 0, actor: 'li', action: 'test', subject, detail: {} });
  await log.append(message(0));
  await (await openSqliteTelemetry({ path: join(config.dataDir, 'telemetry.sqlite') })).close();
});
afterEach(async () => {
  await log.close();
  await ledger.close();
  await rm(base, { recursive: true, force: true });
});

const target = (more: Record<string, string> = {}): Config =>
  readConfig({ PRECALL_DATA: join(base, 'restored'), ...more });

/** Writes the manifest anew, as if the product had. */
const change = async (work: (manifest: Manifest) => Manifest): Promise<void> => {
  await writeFile(join(folder, 'manifest.json'), manifestText(work(readManifest(folder))));
};

describe('restore', () => {
  it('refuses the backup of a newer version, by its tables and by its form', async () => {
    await writeBackup(folder, config, '9.0.0');
    await change((manifest) => ({
      ...manifest,
      ledger: { ...manifest.ledger, schema: [...manifest.ledger.schema, '9999-later'] },
    }));
    await expect(restoreBackup(folder, target())).rejects.toThrow(
      /newer version of Precall \(migration 9999-later\)/,
    );
    await change((manifest) => ({ ...manifest, format: 2 as 1 }));
    await expect(restoreBackup(folder, target())).rejects.toThrow(/its format 2 is newer than 1/);
    expect(existsSync(target().dataDir)).toBe(false);
  });

  it('refuses a manifest that names files elsewhere', async () => {
    await writeBackup(folder, config, '1');
    await change((manifest) => ({
      ...manifest,
      telemetry: { kind: 'sqlite', stored: { file: '../../etc/passwd', bytes: 0, sha256: '0'.repeat(64) } },
    }));
    await expect(restoreBackup(folder, target())).rejects.toThrow(/manifest\.json: is damaged/);
  });

  it('does not drop readings silently where telemetry would lie elsewhere', async () => {
    await writeBackup(folder, config, '1');
    const influx = target({ PRECALL_TELEMETRY: 'influx1://u:secret@127.0.0.1/x' });
    await expect(restoreBackup(folder, influx)).rejects.toThrow(
      /PRECALL_TELEMETRY=influx1:… can't take: restore it with PRECALL_TELEMETRY=sqlite:$/,
    );
  });

  it('that fails on the way leaves the folder empty, and the next one goes well', async () => {
    await writeBackup(folder, config, '1');
    const whole = await readFile(join(folder, 'manifest.json'));
    const file = join(folder, 'ledger', 'audit.jsonl.gz');
    const rows = await readFile(file);
    // A row twice: found only by the database, when half of everything is there.
    const twice = gzipSync(Buffer.concat([gunzipSync(rows), gunzipSync(rows)]));
    await writeFile(file, twice);
    const sha256 = createHash('sha256').update(twice).digest('hex');
    await change((manifest) => ({
      ...manifest,
      ledger: {
        ...manifest.ledger,
        tables: manifest.ledger.tables.map((table) =>
          table.name === 'audit' ? { ...table, sha256, bytes: twice.length } : table,
        ),
      },
    }));
    await expect(restoreBackup(folder, target())).rejects.toThrow(/UNIQUE/);
    expect(await readdir(target().dataDir)).toEqual([]);
    await writeFile(join(folder, 'manifest.json'), whole);
    await writeFile(file, rows);
    await restoreBackup(folder, target());
    expect((await readdir(target().dataDir)).sort()).toEqual(
      expect.arrayContaining(['ledger.sqlite', 'log.sqlite', 'telemetry.sqlite']),
    );
  });
});

describe('a moment', () => {
  it('has in its log what its ledger’s readers want next, however another process trims it', async () => {
    const dataDir = join(base, 'trimmed');
    const child = fileURLToPath(new URL('./trimming.child.ts', import.meta.url));
    const service = spawn(process.execPath, [child, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const trimmed = readConfig({ PRECALL_DATA: dataDir });
    try {
      await once(service.stdout, 'data');
      for (let n = 0; n < 600; n++) {
        const moment = await openMoment(trimmed);
        const { apart, position, log: held } = moment;
        await moment.close();
        expect(apart).toBeNull();
        expect(held?.extent.nextOffset).toBeGreaterThan(position.newest);
        expect(held?.extent.firstOffset).toBeLessThanOrEqual(position.newest + 1);
      }
    } finally {
      service.kill('SIGKILL');
      await once(service, 'exit');
    }
  });
});

describe('backup', () => {
  it('of a log that is not the ledger’s is refused, and nothing is written', async () => {
    const other = readConfig({ PRECALL_DATA: join(base, 'data'), PRECALL_LOG: 'sqlite:other.sqlite' });
    await expect(writeBackup(folder, other, '1')).rejects.toThrow(
      /do not belong together: the log that the ledger follows .* is not there; run it where the service runs/,
    );
    expect(existsSync(folder)).toBe(false);
  });
});
