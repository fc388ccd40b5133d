import { Document, type Scalar, YAMLMap } from 'yaml';
import { durationText } from '../../core/rules/duration.ts';
import type { Escalation } from '../../core/rules/escalation.ts';
import { FIELDS, type Field, fileKey } from '../../core/rules/fields.ts';
import type { Match, Rules, SomeParameters } from '../../core/rules/rules.ts';

const writtenAs = (field: Field, value: unknown): unknown =>
  field.kind === 'duration' ? durationText(value as number) : value;

type Fields = Readonly<Record<string, Field>>;

/** Sections as they stand in a file; `isExplained` adds what each parameter means. */
const detectorsNode = (doc: Document, detectors: SomeParameters, isExplained: boolean): YAMLMap => {
  const node = new YAMLMap();
  for (const [section, values] of Object.entries(detectors)) {
    const fields = FIELDS[section as keyof SomeParameters] as Fields;
    const sectionNode = new YAMLMap();
    for (const [name, value] of Object.entries(values)) {
      const scalar = doc.createNode(writtenAs(fields[name] as Field, value)) as Scalar;
      if (isExplained) scalar.comment = ` ${fields[name]?.meaning}`;
      sectionNode.set(fileKey(name), scalar);
    }
    node.set(fileKey(section), sectionNode);
  }
  return node;
};

const matchOf = ({ model, equipmentClass, unit, metric }: Match): Readonly<Record<string, string>> => ({
  ...(model === null ? {} : { model }),
  ...(equipmentClass === null ? {} : { 'equipment-class': equipmentClass }),
  ...(unit === null ? {} : { unit }),
  ...(metric === null ? {} : { metric }),
});

const chainsOf = (escalation: Escalation) =>
  Object.fromEntries(
    Object.entries(escalation).map(([severity, steps]) => [
      severity,
      steps.map(({ afterMs, to, repeatEveryMs }) => ({
        after: durationText(afterMs),
        to,
        ...(repeatEveryMs === null ? {} : { 'repeat-every': durationText(repeatEveryMs) }),
      })),
    ]),
  );

/** The rules as the text of a file that says the same. */
export const printRules = (rules: Rules): string => {
  const doc = new Document({});
  doc.set('detectors', detectorsNode(doc, rules.detectors, true));
  const overrides = rules.overrides.map(({ match, detectors }) => {
    const node = doc.createNode(matchOf(match)) as YAMLMap;
    node.set('detectors', detectorsNode(doc, detectors, false));
    return node;
  });
  doc.set('overrides', doc.createNode(overrides));
  doc.set('escalation', doc.createNode(chainsOf(rules.escalation)));
  return doc.toString({ lineWidth: 0 });
};
