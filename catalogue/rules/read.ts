import type { Node } from 'yaml';
import { type Catalogue, classOf } from '../../core/fault/catalogue.ts';
import { completed } from '../../core/rules/book.ts';
import {
  DEFAULT_ESCALATION,
  ESCALATION_RECIPIENTS,
  type EscalationRecipient,
  type EscalationStep,
  LEAST_REPEAT_MS,
  MOST_STEPS,
} from '../../core/rules/escalation.ts';
import { type Field, fileKey, sections, WHOLE } from '../../core/rules/fields.ts';
import type { Match, Override, Rules, SomeParameters } from '../../core/rules/rules.ts';
import { type Finding, openPage, type Page } from './page.ts';
import {
  didYouMean,
  durationIn,
  type Entry,
  listOf,
  mapOf,
  numberIn,
  oneOf,
  type Read,
  textLike,
  truth,
} from './readers.ts';

export interface ReadRules {
  /** Null where there are errors. */
  readonly rules: Rules | null;
  readonly errors: readonly Finding[];
  /** What can be, but hardly was meant. */
  readonly warnings: readonly Finding[];
}

export const MAX_OVERRIDES = 1_000;
const YEAR_MS = 365 * 86_400_000;

const readField = (field: Field): Read<unknown> => {
  if (field.kind === 'switch') return truth;
  return field.kind === 'number' ? numberIn(field) : durationIn(field);
};

const entriesOf = (pairs: readonly (readonly [key: string, entry: Entry])[]): ReadonlyMap<string, Entry> =>
  new Map(pairs);

const readDetectors = mapOf(
  entriesOf(
    sections().map(([section, fields]) => {
      const read = mapOf(
        entriesOf(fields.map(([name, field]) => [fileKey(name), { name, read: readField(field) }])),
      );
      return [fileKey(section), { name: section, read }];
    }),
  ),
) as Read<SomeParameters>;

/** A name that the catalogue should know; one that it doesn't matches nothing, unless it comes up later. */
const nameOf =
  (read: Read<string>, known: ReadonlyMap<string, unknown>, what: string): Read<string> =>
  (page, node, path) => {
    const name = read(page, node, path);
    if (name !== null && !known.has(name)) {
      const names = [...known.keys()];
      const hint = didYouMean(name, names);
      page.warn(
        node,
        path,
        `${what} ${name} is not in the catalogue, so nothing known matches this override` +
          (hint.startsWith('did') ? `; ${hint}` : ''),
      );
    }
    return name;
  };

const METRIC = textLike(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'the name of a metric such as hoistCurrentA');
const MODEL = textLike(/^(?=.*\S)\P{C}{1,128}$/u, 'a model such as PSH-7');
const CLASS = textLike(/^[A-Za-z0-9_]{1,64}$/, 'a class of equipment such as PSH');
const UNIT = textLike(/^[A-Za-z0-9_-]{1,64}$/, 'a unit such as bay7');

const readOverride = (catalogue: Catalogue): Read<Override> => {
  const read = mapOf(
    entriesOf([
      ['model', { name: 'model', read: MODEL }],
      ['unit', { name: 'unit', read: UNIT }],
      ['metric', { name: 'metric', read: nameOf(METRIC, catalogue.signals, 'metric') }],
      ['equipment-class', { name: 'equipmentClass', read: nameOf(CLASS, catalogue.classes, 'class') }],
      ['detectors', { name: 'detectors', read: readDetectors }],
    ]),
  );
  return (page, node, path) => {
    const values = read(page, node, path) as Partial<Match & Pick<Override, 'detectors'>> | null;
    if (values === null) return null;
    const { model = null, equipmentClass = null, unit = null, metric = null, detectors = {} } = values;
    if (!['model', 'equipmentClass', 'unit', 'metric'].some((name) => name in values))
      page.error(
        node,
        path,
        'says not what it is for; give model, equipment-class, unit or metric, or write it under detectors',
      );
    if (values.detectors !== null && Object.values(detectors ?? {}).every((one) => isEmpty(one)))
      page.error(node, path, 'changes nothing; give detectors');
    if (model !== null && equipmentClass !== null && classOf(model) !== equipmentClass)
      page.warn(
        node,
        path,
        `model ${model} is of class ${classOf(model)}, so no equipment matches with equipment-class ${equipmentClass}`,
      );
    for (const section of WHOLE)
      if (metric !== null && detectors !== null && section in detectors)
        page.warn(
          node,
          path,
          `${fileKey(section)} judges a machine as a whole, so an override for a metric does not change it`,
        );
    return { match: { model, equipmentClass, unit, metric }, detectors: detectors ?? {} };
  };
};

const isEmpty = (section: unknown): boolean =>
  section !== null && typeof section === 'object' && Object.keys(section).length === 0;

const readTo: Read<EscalationRecipient> = oneOf(ESCALATION_RECIPIENTS);

const stepEntries = entriesOf([
  ['after', { name: 'afterMs', read: durationIn({ leastMs: 0, mostMs: YEAR_MS }) }],
  ['to', { name: 'to', read: readTo }],
  [
    'repeat-every',
    { name: 'repeatEveryMs', read: durationIn({ leastMs: LEAST_REPEAT_MS, mostMs: YEAR_MS }) },
  ],
]);

const readStep: Read<EscalationStep> = (page, node, path) => {
  const values = mapOf(stepEntries)(page, node, path) as Partial<EscalationStep> | null;
  if (values === null) return null;
  const { afterMs = null, to = null, repeatEveryMs = null } = values;
  for (const [key, name] of [
    ['after', 'afterMs'],
    ['to', 'to'],
  ] as const)
    if (!(name in values)) page.error(node, path, `needs ${key}`);
  return afterMs === null || to === null ? null : { afterMs, to, repeatEveryMs };
};

const readChain: Read<readonly EscalationStep[]> = (page, node, path) => {
  const steps = listOf(readStep, MOST_STEPS)(page, node, path);
  if (steps === null) return null;
  const early = steps.findIndex((step, i) => step.afterMs < (steps[i - 1]?.afterMs ?? 0));
  if (early > 0)
    page.error(node, path, 'the steps must stand in the order of their after, the earliest first');
  if (steps.length === 0) page.error(node, path, 'names no step; leave it out for the default chain');
  return steps;
};

const readEscalation = mapOf(
  entriesOf(
    Object.keys(DEFAULT_ESCALATION).map((severity) => [severity, { name: severity, read: readChain }]),
  ),
);

const readRoot = (catalogue: Catalogue): Read<Record<string, unknown>> =>
  mapOf(
    entriesOf([
      ['detectors', { name: 'detectors', read: readDetectors }],
      ['overrides', { name: 'overrides', read: listOf(readOverride(catalogue), MAX_OVERRIDES) }],
      ['escalation', { name: 'escalation', read: readEscalation }],
    ]),
  );

const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((a, b) => a.line - b.line || a.column - b.column);

const take = (page: Page, root: Node | null, catalogue: Catalogue): Rules | null => {
  const values = readRoot(catalogue)(page, root, '');
  if (values === null || page.errors.length > 0) return null;
  const { detectors = {}, overrides = [], escalation = {} } = values as Partial<Rules>;
  return completed({
    detectors: detectors as Rules['detectors'],
    overrides,
    escalation: { ...DEFAULT_ESCALATION, ...escalation },
  });
};

/** The rules of a file, with everything that is wrong in it, in the order of its lines. Reads any text; never throws. */
export const readRules = (text: string, catalogue: Catalogue): ReadRules => {
  const page = openPage(text);
  const rules = page.errors.length > 0 ? null : take(page, page.root, catalogue);
  return { rules, errors: inOrder(page.errors), warnings: inOrder(page.warnings) };
};
