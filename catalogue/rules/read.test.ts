import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_ESCALATION,
  ESCALATION_RECIPIENTS,
  type Escalation,
  LEAST_REPEAT_MS,
} from '../../core/rules/escalation.ts';
import { FIELDS, type Field, sections } from '../../core/rules/fields.ts';
import { DEFAULTS } from '../../core/rules/parameters.ts';
import { DEFAULT_RULES, type Override, type Rules, type SomeParameters } from '../../core/rules/rules.ts';
import { loadCatalogue } from '../load.ts';
import { printRules } from './print.ts';
import { readRules } from './read.ts';
import { rulesVersion } from './version.ts';

const catalogue = await loadCatalogue();
const lines = (text: string): readonly string[] =>
  readRules(text, catalogue).errors.map((finding) => `${finding.line}:${finding.column}: ${finding.text}`);

describe('errors point at the line, all of them at once', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      'detectors:\n  stuck:\n    for: soon\n',
      ['3:10: detectors.stuck.for: expected a duration such as 90s or 14d, got "soon"'],
    ],
    [
      'detectors:\n  stcuk: { on: true }\n  stuck: { fro: 1h }\n',
      [
        '2:3: detectors.stcuk: is not known; did you mean stuck?',
        '3:12: detectors.stuck.fro: is not known; did you mean for?',
      ],
    ],
    [
      'detectors:\n  level: { on: yes, sigmas: "3" }\n  drift: 14d\n',
      [
        '2:16: detectors.level.on: expected true or false, got "yes"',
        '2:29: detectors.level.sigmas: expected a number, got "3"',
        '3:10: detectors.drift: expected a map of on, horizon, got "14d"',
      ],
    ],
    [
      'detectors:\n  level: { sigmas: 0.5 }\n  stuck:\n    for: 0s\n',
      [
        '2:20: detectors.level.sigmas: must be 1 to 100, got 0.5',
        '4:10: detectors.stuck.for: must be 1s to 365d, got 0s',
      ],
    ],
    [
      'detectors:\n  level: { on: true }\n  level: { on: false }\n',
      ['3:3: detectors.level: stands twice; keep one'],
    ],
    [
      'overrides:\n  - detectors: { level: { on: false } }\n  - metric: hoistCurrentA\n  - unit: bay 7\n    detectors: { counter: { on: false } }\n',
      [
        '2:5: overrides[0]: says not what it is for; give model, equipment-class, unit or metric, or write it under detectors',
        '3:5: overrides[1]: changes nothing; give detectors',
        '4:11: overrides[2].unit: expected a unit such as bay7, got "bay 7"',
      ],
    ],
    [
      'escalation:\n  S1:\n    - { after: 5m, to: crew }\n    - { after: 1m, to: dispacher, repeat-every: 1s }\n    - { to: crew }\n',
      [
        '4:24: escalation.S1[1].to: expected one of crew, station, dispatcher, admin, got "dispacher"',
        '4:49: escalation.S1[1].repeat-every: must be 30s to 365d, got 1s',
        '5:7: escalation.S1[2]: needs after',
      ],
    ],
    [
      'escalation:\n  S2:\n    - { after: 5m, to: crew }\n    - { after: 1m, to: admin }\n',
      ['3:5: escalation.S2: the steps must stand in the order of their after, the earliest first'],
    ],
    ['detectors:\n\tlevel: 1\n', ['2:1: is not YAML: Tabs are not allowed as indentation']],
    ['- a\n', ['1:1: expected a map of detectors, overrides, escalation, got a list']],
  ];
  test.each(cases)('%j', (text, expected) => {
    expect(lines(text)).toEqual(expected);
  });
});

test('an override that nothing known can match is a warning that names it', () => {
  const { rules, warnings } = readRules(
    [
      'overrides:',
      '  - { metric: hoistCurentA, detectors: { level: { sigmas: 5 } } }',
      '  - { equipment-class: PHS, detectors: { level: { sigmas: 5 } } }',
      '  - { model: PSH-7, equipment-class: PCS, detectors: { level: { sigmas: 5 } } }',
      '  - { metric: skewMm, detectors: { no-data: { on: false } } }',
    ].join('\n'),
    catalogue,
  );
  expect(rules?.overrides.length).toBe(4);
  expect(warnings.map(({ line, text }) => `${line} ${text}`)).toEqual([
    '2 overrides[0].metric: metric hoistCurentA is not in the catalogue, so nothing known matches this override; did you mean hoistCurrentA?',
    '3 overrides[1].equipment-class: class PHS is not in the catalogue, so nothing known matches this override; did you mean PSH?',
    '4 overrides[2]: model PSH-7 is of class PSH, so no equipment matches with equipment-class PCS',
    '5 overrides[3]: no-data judges a machine as a whole, so an override for a metric does not change it',
  ]);
});

test('what a file does not say is as by default, and comments change no version', () => {
  for (const empty of ['', '# nothing\n', 'detectors:\noverrides:\nescalation:\n', '{}'])
    expect(readRules(empty, catalogue).rules).toEqual(DEFAULT_RULES);
  const one = readRules('detectors: { stuck: { for: 90m } } # why not\n', catalogue).rules as Rules;
  expect(one.detectors).toEqual({ ...DEFAULTS, stuck: { ...DEFAULTS.stuck, forMs: 5_400_000 } });
  const two = readRules('detectors:\n  stuck:\n    for: 1h 30m\n', catalogue).rules as Rules;
  expect(rulesVersion(two)).toBe(rulesVersion(one));
  expect(rulesVersion(one)).not.toBe(rulesVersion(DEFAULT_RULES));
});

test('anchors stand for what they name', () => {
  const { rules } = readRules(
    'overrides:\n  - { unit: bay7, detectors: &less { level: { sigmas: 9 } } }\n  - { unit: 8, detectors: *less }\n',
    catalogue,
  );
  expect(rules?.overrides.map(({ match, detectors }) => [match.unit, detectors])).toEqual([
    ['bay7', { level: { sigmas: 9 } }],
    ['8', { level: { sigmas: 9 } }],
  ]);
});

const fieldValue = (field: Field): fc.Arbitrary<unknown> => {
  if (field.kind === 'switch') return fc.boolean();
  if (field.kind === 'duration') return fc.integer({ min: field.leastMs, max: field.mostMs });
  return field.isWhole
    ? fc.integer({ min: field.least, max: field.most })
    : fc.double({ min: field.least, max: field.most, noNaN: true });
};
const fieldsOf = (section: keyof typeof FIELDS): Record<string, fc.Arbitrary<unknown>> =>
  Object.fromEntries(
    Object.entries(FIELDS[section] as Record<string, Field>).map(([name, field]) => [
      name,
      fieldValue(field),
    ]),
  );
const names = sections().map(([section]) => section as keyof typeof FIELDS);
const parameters = fc.record(Object.fromEntries(names.map((name) => [name, fc.record(fieldsOf(name))])));
const some: fc.Arbitrary<SomeParameters> = fc.constantFrom(...names).chain((name) =>
  fc
    .record(fieldsOf(name), { requiredKeys: [] })
    .filter((fields) => Object.keys(fields).length > 0)
    .map((fields) => ({ [name]: fields })),
);
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const override: fc.Arbitrary<Override> = fc.record({
  match: fc
    .record({
      model: fc.option(fc.oneof(id, fc.constantFrom('PSH-7', '7', 'true', 'null', '0x1f', '升降 1'))),
      equipmentClass: fc.option(fc.constantFrom(...catalogue.classes.keys())),
      unit: fc.option(id),
      metric: fc.option(fc.constantFrom(...catalogue.signals.keys())),
    })
    .filter((match) => Object.values(match).some((value) => value !== null)),
  detectors: some,
});
const chain = fc
  .array(
    fc.record({
      afterMs: fc.nat({ max: 86_400_000 }),
      to: fc.constantFrom(...ESCALATION_RECIPIENTS),
      repeatEveryMs: fc.option(fc.integer({ min: LEAST_REPEAT_MS, max: 86_400_000 })),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((steps) => steps.sort((a, b) => a.afterMs - b.afterMs));
const anyRules = fc.record({
  detectors: parameters,
  overrides: fc.array(override, { maxLength: 4 }),
  escalation: fc.record(
    Object.fromEntries(Object.keys(DEFAULT_ESCALATION).map((severity) => [severity, chain])),
  ) as unknown as fc.Arbitrary<Escalation>,
}) as unknown as fc.Arbitrary<Rules>;

test('any rules come back from their file as they were', () => {
  fc.assert(
    fc.property(anyRules, (rules) => {
      const { rules: read, errors } = readRules(printRules(rules), catalogue);
      expect(errors).toEqual([]);
      expect(read).toEqual(rules);
      expect(rulesVersion(read as Rules)).toBe(rulesVersion(rules));
    }),
    { numRuns: 200 },
  );
});

/** Ways to spoil a line `key: value` of a good file, each of which must be noticed. */
const MUTANTS: Readonly<Record<string, (line: string) => string | null>> = {
  'an unknown key': (line) => line.replace(/([A-Za-z0-9-]+):/, '$1x:'),
  'a value of another kind': (line) => line.replace(/^(\s+[a-z-]+): .*$/, '$1: [spoilt]'),
  'a value out of range': (line) =>
    line.replace(/^(\s+(?:sigmas|ratio|intervals|chance|least)): .*$/, '$1: -1'),
  'no unit': (line) =>
    line.replace(/^(\s+(?:for|least|horizon|after|repeat-every)): (\d+)[a-z]+.*$/, '$1: $2'),
  'a key twice': (line) => (/^\s+[a-z-]+: [^\s#]/.test(line) ? `${line}\n${line}` : line),
  'a tab': (line) => line.replace(/^ {2,}/, '\t'),
  'an open quote': (line) => line.replace(/: (.*)$/, ': "$1'),
  'an open bracket': (line) => line.replace(/: (.*)$/, ': [$1'),
};

test('every mutant of a good file is noticed, at a line of the file', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyRules, fc.constantFrom(...Object.keys(MUTANTS)), fc.nat(), (rules, name, pick) => {
      const good = printRules(rules).split('\n');
      const spoil = MUTANTS[name] as (line: string) => string;
      const spoilt = good.flatMap((line, i) => (spoil(line) === line || /^\s*- /.test(line) ? [] : [i]));
      fc.pre(spoilt.length > 0);
      const at = spoilt[pick % spoilt.length] as number;
      const text = good.map((line, i) => (i === at ? spoil(line) : line)).join('\n');
      const { rules: read, errors } = readRules(text, catalogue);
      seen.add(name);
      expect(read).toBeNull();
      expect(errors.length).toBeGreaterThan(0);
      const count = text.split('\n').length;
      for (const { line, column } of errors) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(count);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 300 },
  );
  expect([...seen].sort()).toEqual(Object.keys(MUTANTS).sort());
});

test('any text gives rules or errors, never a crash', () => {
  const piece = fc.constantFrom(
    ...'detectors|overrides|level|on|:|: |\n|\n  |- |{|}|[|]|"|\'|&a |*a|#|? |!!str |<<|%YAML 1.1\n|---\n|\t|3|14d|true|~|\u0000|升|\r\n'.split(
      '|',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
        fc.string(),
      ),
      (text) => {
        const { rules, errors } = readRules(text, catalogue);
        expect(rules === null).toBe(errors.length > 0);
        for (const { line } of errors) expect(line).toBeLessThanOrEqual(text.split('\n').length);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(lines('['.repeat(100_000)).length).toBeGreaterThan(0);
});
