import Type, { type Static } from 'typebox';
import { Iso, nullable } from './basics.ts';

const Parameters = Type.Record(
  Type.String(),
  Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Number()])),
  { description: 'by detector and name; durations in ms' },
);

/** The rules as they were told to the log last, and what is wrong with their file now. */
export const RulesReport = Type.Object({
  version: Type.String({ description: 'stands in the evidence of what was judged by them' }),
  toldAt: Iso,
  inForce: Type.Boolean({ description: 'false while the engine still reads older records of the log' }),
  file: nullable(Type.String({ description: 'null: there is none, the defaults hold' })),
  warnings: Type.Array(Type.String()),
  refused: nullable(
    Type.Object(
      { at: Iso, errors: Type.Array(Type.String()) },
      { description: 'what stands in the file now can not be; the rules here stay' },
    ),
  ),
  detectors: Parameters,
  overrides: Type.Array(
    Type.Object({
      model: nullable(Type.String()),
      equipmentClass: nullable(Type.String()),
      unit: nullable(Type.String()),
      metric: nullable(Type.String()),
      detectors: Parameters,
    }),
    { description: 'applied in order: a later one wins' },
  ),
  escalation: Type.Record(
    Type.String(),
    Type.Array(
      Type.Object({
        afterMs: Type.Number(),
        to: Type.String(),
        repeatEveryMs: nullable(Type.Number()),
      }),
    ),
    { description: 'who is told of a ticket in turn, by severity, until somebody acknowledges it' },
  ),
});

export type RulesView = Static<typeof RulesReport>;
