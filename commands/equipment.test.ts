import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { equipmentCommand } from './equipment.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-equipment-'));
  vi.stubEnv('PRECALL_DATA', join(folder, 'data'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** What the command prints. */
const run = async (...args: readonly string[]): Promise<string> => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    await new Command().addCommand(equipmentCommand()).parseAsync(['equipment', ...args], { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return lines.join('\n');
};

test('revoke ends one secret and names the gateways that still speak for the equipment', async () => {
  for (const id of ['m1', 'm2']) await run('add', id, '--site', 's', '--model', 'PSH-7');
  await run('gateway', 'gw1', '--for', 'm1,m2');
  await run('gateway', 'gw2', '--for', 'm2');
  expect(await run('revoke', 'm1')).toBe(
    'm1: revoked\n  gateway gw1 may still speak for it; to end that: precall equipment revoke gw1',
  );
  expect(await run('revoke', 'gw1')).toBe('gw1: revoked');
  expect(await run('revoke', 'm2')).toContain('gateway gw2');
  await expect(run('revoke', 'm2')).rejects.toThrow('m2: has no secret to revoke');
});
