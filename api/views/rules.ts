import { completed } from '../../core/rules/book.ts';
import type { SomeParameters } from '../../core/rules/rules.ts';
import type { RulesNote } from '../../store/rules-note.ts';
import type { RulesView } from '../contract/rules.ts';
import { iso } from './time.ts';

const parametersView = (parameters: SomeParameters): RulesView['detectors'] =>
  Object.fromEntries(Object.entries(parameters).map(([section, fields]) => [section, { ...fields }]));

/** `readTo`: the last record of the log that the engine has committed; -1: none. */
export const rulesView = (note: RulesNote, readTo: number): RulesView => {
  const { detectors, overrides, escalation } = completed(note.rules);
  return {
    version: note.version,
    toldAt: iso(note.toldAtMs),
    inForce: readTo >= note.offset,
    file: note.file,
    warnings: [...note.warnings],
    refused: note.refused === null ? null : { at: iso(note.refused.atMs), errors: [...note.refused.errors] },
    detectors: parametersView(detectors),
    overrides: overrides.map((override) => ({
      ...override.match,
      detectors: parametersView(override.detectors),
    })),
    escalation: Object.fromEntries(
      Object.entries(escalation).map(([severity, steps]) => [severity, steps.map((step) => ({ ...step }))]),
    ),
  };
};
