import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../load.ts';
import { loadRules } from './load.ts';
import { readRules } from './read.ts';
import { rulesTable } from './table.ts';

const catalogue = await loadCatalogue();
const docs = new URL('../../docs/', import.meta.url);
const markdown = readFileSync(new URL('rules.md', docs), 'utf8');

test('the table in the docs is that of the parameters', () => {
  expect(markdown).toContain(rulesTable());
});

test('the example file is good, and says something', async () => {
  const path = fileURLToPath(new URL('rules.example.yaml', docs));
  const { rules, errors, warnings } = await loadRules(path, catalogue);
  expect([...errors, ...warnings]).toEqual([]);
  expect(rules?.overrides.length).toBe(3);
});

test('what the docs show as a file is one', () => {
  const blocks = [...markdown.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(blocks.length).toBe(1);
  for (const text of blocks) expect(readRules(text, catalogue)).toMatchObject({ errors: [], warnings: [] });
});

test('the errors in the docs are those of a file like it', () => {
  const text = [
    'detectors:',
    '  stuck:',
    '    fro: 1h',
    '    for: soon',
    'overrides:',
    '  # noisy clamps',
    '  - metric: hoistCurentA',
    '    detectors: { level: { sigmas: 4 } }',
  ].join('\n');
  const { errors, warnings } = readRules(text, catalogue);
  for (const { line, column, text: said } of [...errors, ...warnings])
    expect(markdown).toContain(`rules.yaml:${line}:${column}: ${said}`);
  expect([errors.length, warnings.length]).toEqual([2, 1]);
});

test('of very many findings the first are told, and how many more there are', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'precall-rules-')), 'rules.yaml');
  const lines = Array.from({ length: 300 }, (_, i) => `key${i}: 1`);
  await writeFile(path, lines.join('\n'));
  const { errors } = await loadRules(path, catalogue);
  expect(errors.length).toBe(101);
  expect(errors[99]).toContain(':100:1: key99: is not known');
  expect(errors[100]).toBe(`${path}: and 200 more like these`);
  await writeFile(path, '#'.repeat(300_000));
  expect((await loadRules(path, catalogue)).errors).toEqual([
    `${path}: has 300000 bytes, at most 262144 are read`,
  ]);
  await rm(dirname(path), { recursive: true });
});

test('a file that is not there, is or is a folder, is an error that names it', async () => {
  const folder = fileURLToPath(docs);
  expect((await loadRules('/nowhere/rules.yaml', catalogue)).errors).toEqual([
    "/nowhere/rules.yaml: can't be read: there is no such file",
  ]);
  expect((await loadRules(folder, catalogue)).errors).toEqual([`${folder}: can't be read: it is a folder`]);
});
