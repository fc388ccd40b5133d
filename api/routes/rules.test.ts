import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../core/rules/rules.ts';
import { putRulesNote, type RulesNote } from '../../store/rules-note.ts';
import { putWatchedUpTo } from '../../store/watched.ts';
import { type Bench, NOW_MS, openBench } from '../testing/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
const rules = () => bench.ask('viewer', { url: '/api/v1/rules' });

const note: RulesNote = {
  log: 'l',
  offset: 7,
  version: 'abc',
  rules: {
    ...DEFAULT_RULES,
    overrides: [
      {
        match: { model: 'PSH-7', equipmentClass: null, unit: null, metric: null },
        detectors: { stuck: { on: false } },
      },
    ],
  },
  toldAtMs: NOW_MS,
  file: '/etc/precall/rules.yaml',
  warnings: [],
  refused: null,
};

it('says which rules hold, since when, and whether the engine has come so far', async () => {
  expect((await rules()).json()).toMatchObject({ status: 404, reason: 'no-rules-yet' });
  await putRulesNote(bench.ledger, note);
  const before = (await rules()).json();
  expect(before).toMatchObject({ version: 'abc', inForce: false, file: note.file, refused: null });
  expect(before.detectors.drift).toEqual({ on: true, horizonMs: 14 * 86_400_000 });
  expect(before.overrides).toEqual([
    { model: 'PSH-7', equipmentClass: null, unit: null, metric: null, detectors: { stuck: { on: false } } },
  ]);
  expect(before.escalation.S1[0].to).toBe('crew');
  await putWatchedUpTo(bench.ledger, 7);
  expect((await rules()).json().inForce).toBe(true);
});

it('shows what is wrong with the file, beside the rules that stay', async () => {
  const errors = ['rules.yaml:3:10: detectors.stuck.for: expected a duration such as 90s or 14d, got "soon"'];
  await putRulesNote(bench.ledger, { ...note, refused: { atMs: NOW_MS, errors } });
  expect((await rules()).json()).toMatchObject({
    version: 'abc',
    refused: { at: '2026-01-05T10:00:00.000Z', errors },
  });
});
