import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_RULES, type Rules } from '../core/rules/rules.ts';
import type { ServedLedger } from '../store/ledger/served.ts';
import type { Log } from '../store/log.ts';
import { LogFullError } from '../store/log.ts';
import { everyRow } from '../store/rows.ts';
import { rulesNote } from '../store/rules-note.ts';
import { openSqliteLedger } from '../store/sqlite/ledger.ts';
import { openSqliteLog } from '../store/sqlite/log.ts';
import { createModelTeller } from './models.ts';
import type { Problem } from './reader.ts';
import { type RulesKeeper, type RulesSource, type SaidRules, startRulesKeeper } from './rules.ts';
import { NOW } from './testing/records.ts';

let nowMs: number;
const clock = () => nowMs;
let folder: string;
let log: Log;
let ledger: ServedLedger;
let problems: Problem[];
let warnings: string[];

beforeEach(async () => {
  nowMs = NOW;
  folder = await mkdtemp(join(tmpdir(), 'precall-rules-'));
  log = await openSqliteLog({ path: join(folder, 'log.db'), maxBytes: 1e9 });
  ledger = await openSqliteLedger({ path: join(folder, 'ledger.db'), clock });
  problems = [];
  warnings = [];
});
afterEach(async () => {
  await Promise.all([log.close(), ledger.close()]);
  await rm(folder, { recursive: true });
});

const rulesWith = (sigmas: number): Rules => ({
  ...DEFAULT_RULES,
  detectors: { ...DEFAULT_RULES.detectors, level: { on: true, sigmas } },
});
const says = (version: string, sigmas = 3): SaidRules => ({
  version,
  rules: rulesWith(sigmas),
  errors: [],
  warnings: [],
});
const bad: SaidRules = { version: null, rules: null, errors: ['rules.yaml:1:1: is not YAML'], warnings: [] };

/** A file whose content and stamp the test sets. */
const file = (first: SaidRules) => {
  const now = { said: first, stamp: '1' };
  const source: RulesSource = {
    file: 'rules.yaml',
    first,
    firstStamp: now.stamp,
    read: async () => now.said,
    stamp: async () => now.stamp,
  };
  return { now, source };
};
const keep = (
  source: RulesSource,
  held: () => { version: string; offset: number } | null = () => null,
  into: Pick<Log, 'append' | 'id'> = log,
): Promise<RulesKeeper> =>
  startRulesKeeper({
    log: into,
    ledger,
    clock,
    source,
    held,
    onProblem: (problem) => problems.push(problem),
    onWarning: (line) => warnings.push(line),
  });

const told = async (): Promise<readonly string[]> =>
  (await log.read(-1, 1_000)).map((record) => {
    if (record.kind !== 'control') return record.kind;
    if (record.control.type === 'rules') return record.control.version;
    return record.control.type === 'registered'
      ? record.control.equipment.map(({ id, model }) => `${id}=${model}`).join(' ')
      : record.control.type;
  });
const audited = async (): Promise<readonly string[]> =>
  (await everyRow((page) => ledger.audit.list(page))).map(({ action, subject }) => `${action} ${subject}`);

test('rules are told once, and again only where they differ from what was told last', async () => {
  await keep(file(says('a')).source);
  await keep(file(says('a')).source);
  expect(await told()).toEqual(['a']);
  await keep(file(says('b', 4)).source);
  expect(await told()).toEqual(['a', 'b']);
  const [, second] = await log.read(-1, 10);
  expect(second).toMatchObject({ control: { type: 'rules', version: 'b', rules: rulesWith(4) } });
  expect(await rulesNote(ledger)).toMatchObject({
    version: 'b',
    offset: 1,
    file: 'rules.yaml',
    refused: null,
  });
  expect(await audited()).toEqual(['rules.changed b', 'rules.changed a']);
});

test('a file that was changed is taken up when it has settled, a bad one is refused and the old rules stay', async () => {
  const { now, source } = file(says('a'));
  const keeper = await keep(source);
  Object.assign(now, { said: says('b', 4), stamp: '2' });
  await keeper.look();
  expect(await told()).toEqual(['a']);
  await keeper.look();
  expect(await told()).toEqual(['a', 'b']);
  Object.assign(now, { said: bad, stamp: '3' });
  await keeper.look();
  await keeper.look();
  expect(await told()).toEqual(['a', 'b']);
  expect(await rulesNote(ledger)).toMatchObject({ version: 'b', refused: { atMs: NOW, errors: bad.errors } });
  expect(problems.map(({ error }) => error.message)).toEqual(bad.errors);
  expect(keeper.stats()).toMatchObject({ told: 2, refused: 1, now: { refusing: true } });
  Object.assign(now, { said: says('b', 4), stamp: '4' });
  await keeper.look();
  await keeper.look();
  expect(await told()).toEqual(['a', 'b']);
  expect((await rulesNote(ledger))?.refused).toBeNull();
  expect(keeper.stats().now.refusing).toBe(false);
  expect(await audited()).toEqual(['rules.refused rules.yaml', 'rules.changed b', 'rules.changed a']);
});

test('a reload reads the file at once, changed or not', async () => {
  const { now, source } = file(says('a'));
  const keeper = await keep(source);
  now.said = says('b', 4);
  await keeper.look();
  expect(await told()).toEqual(['a']);
  await Promise.all([keeper.reload(), keeper.look()]);
  expect(await told()).toEqual(['a', 'b']);
});

test('a full log is told when it has room: nothing is held up by it', async () => {
  let isFull = true;
  const into: Pick<Log, 'append' | 'id'> = {
    id: log.id,
    append: (entry) => (isFull ? Promise.reject(new LogFullError('full')) : log.append(entry)),
  };
  const keeper = await keep(file(says('a')).source, () => null, into);
  expect(problems.map(({ what }) => what)).toEqual([
    'the rules could not be told to the log; they are told when it has room',
  ]);
  await expect(keeper.look()).rejects.toThrow(LogFullError);
  isFull = false;
  await keeper.look();
  await keeper.look();
  expect(await told()).toEqual(['a']);
});

test('where the engine judges by something else than what was told, it is told again', async () => {
  const held = { version: 'default', offset: -1 };
  const keeper = await keep(file(says('a')).source, () => held);
  await keeper.look();
  // It has not come so far: nothing is wrong.
  expect(await told()).toEqual(['a']);
  Object.assign(held, { version: 'a', offset: 0 });
  await keeper.look();
  expect(await told()).toEqual(['a']);
  // An older ledger was put back, and the log holds a later change.
  Object.assign(held, { version: 'b', offset: 5 });
  nowMs += 60_000;
  await keeper.look();
  expect(await told()).toEqual(['a', 'a']);
  // Where it can't be taken, the log is not filled with it.
  await keeper.look();
  expect(await told()).toEqual(['a', 'a']);
  nowMs += 60_000;
  await keeper.look();
  expect(await told()).toEqual(['a', 'a', 'a']);
});

test('warnings are said at the start and with each change', async () => {
  const { now, source } = file({ ...says('a'), warnings: ['rules.yaml:2:3: one'] });
  const keeper = await keep(source);
  now.said = { ...says('b', 4), warnings: ['rules.yaml:2:3: two'] };
  await keeper.reload();
  expect(warnings).toEqual(['rules.yaml:2:3: one', 'rules.yaml:2:3: two']);
  expect(await rulesNote(ledger)).toMatchObject({ version: 'b', warnings: ['rules.yaml:2:3: two'] });
});

test('another log is told, too', async () => {
  await keep(file(says('a')).source);
  const other = await openSqliteLog({ path: join(folder, 'other.db'), maxBytes: 1e9 });
  await keep(file(says('a')).source, () => null, other);
  expect((await other.read(-1, 10)).length).toBe(1);
  await other.close();
});

test('models are told as they were registered: all of them once, then what changes', async () => {
  const put = (id: string, model: string, name = id): Promise<void> =>
    ledger.equipment.put({ id, site: 's', model, name }, NOW);
  await ledger.sites.put({ id: 's', name: 's', position: null, timeZone: 'UTC' }, NOW);
  await put('E', 'PSH-7');
  await put('F', 'fridge-A');
  const first = await createModelTeller({ log, ledger, clock });
  await first.look();
  expect(await told()).toEqual(['E=PSH-7 F=fridge-A']);
  await put('F', 'fridge-B');
  await ledger.equipment.heard('E', { online: 'online', connectionId: 'c', firmware: null, atMs: NOW });
  await expect.poll(async () => first.look().then(told)).toEqual(['E=PSH-7 F=fridge-A', 'F=fridge-B']);
  await first.close();
  await put('G', 'PCS-1');
  const second = await createModelTeller({ log, ledger, clock });
  await second.look();
  await second.look();
  expect(await told()).toEqual(['E=PSH-7 F=fridge-A', 'F=fridge-B', 'G=PCS-1']);
  await second.close();
});
