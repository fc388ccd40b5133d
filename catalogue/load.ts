import { readFile } from 'node:fs/promises';
import Type, { type Static, type TSchema } from 'typebox';
import Value from 'typebox/value';
import type { Catalogue } from '../core/fault/catalogue.ts';

const Words = Type.Object({ en: Type.String({ minLength: 1 }), zh: Type.String({ minLength: 1 }) });
const Severity = Type.Union([Type.Literal('S1'), Type.Literal('S2'), Type.Literal('S3')]);
const Side = Type.Union([Type.Literal('high'), Type.Literal('low')]);
const strict = { additionalProperties: false } as const;
const Item = Type.Object(
  {
    id: Type.String(),
    kind: Type.Union([Type.Literal('garage'), Type.Literal('appliance'), Type.Literal('both')]),
    name: Words,
  },
  strict,
);
const Class = Type.Object(
  { id: Type.String(), kind: Type.Union([Type.Literal('garage'), Type.Literal('appliance')]), name: Words },
  strict,
);
const Fault = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$' }),
    item: Type.String(),
    severity: Severity,
    response: Type.Union([Type.Literal('crew'), Type.Literal('attendant')]),
    name: Words,
    feels: Words,
    remedy: Words,
  },
  strict,
);
const Signal = Type.Object(
  {
    metric: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' }),
    item: Type.String(),
    unit: Type.String(),
    name: Words,
    limits: Type.Optional(
      Type.Array(
        Type.Object(
          {
            side: Side,
            at: Type.Number(),
            clear: Type.Number(),
            holdMs: Type.Number({ minimum: 0 }),
            severity: Severity,
          },
          strict,
        ),
      ),
    ),
    shift: Type.Optional(
      Type.Object(
        { side: Type.Union([Side, Type.Literal('both')]), ratio: Type.Number({ exclusiveMinimum: 0 }) },
        strict,
      ),
    ),
    drift: Type.Optional(
      Type.Union([
        Type.Object({ side: Side, at: Type.Number() }, strict),
        Type.Object({ side: Side, ratio: Type.Number({ exclusiveMinimum: 0 }) }, strict),
      ]),
    ),
    counter: Type.Optional(Type.Boolean()),
    maxPerS: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    range: Type.Optional(
      Type.Object({ low: Type.Optional(Type.Number()), high: Type.Optional(Type.Number()) }, strict),
    ),
    state: Type.Optional(Type.Boolean()),
  },
  strict,
);

const FOLDER = new URL('./', import.meta.url);

const list = async <S extends TSchema>(
  folder: URL,
  file: string,
  schema: S,
): Promise<readonly Static<S>[]> => {
  const url = new URL(file, folder);
  const parsed: unknown = JSON.parse(await readFile(url, 'utf8'));
  const entries = Array.isArray(parsed) ? parsed : [];
  if (entries.length === 0) throw new Error(`${url.pathname}: must be a list with at least one entry`);
  for (const [index, entry] of entries.entries()) {
    const [error] = Value.Errors(schema, entry);
    if (error) throw new Error(`${url.pathname}: entry ${index}${error.instancePath}: ${error.message}`);
  }
  return entries as Static<S>[];
};

const index = <T>(file: string, entries: readonly T[], key: (entry: T) => string): ReadonlyMap<string, T> => {
  const map = new Map<string, T>();
  for (const entry of entries) {
    if (map.has(key(entry))) throw new Error(`${file}: ${key(entry)} stands twice; keep one`);
    map.set(key(entry), entry);
  }
  return map;
};

/** Reads and checks the catalogue. Throws an Error that names the file, the entry and what is wrong. */
export const loadCatalogue = async (folder: URL = FOLDER): Promise<Catalogue> => {
  const items = index('items.json', await list(folder, 'items.json', Item), (entry) => entry.id);
  const classes = index('classes.json', await list(folder, 'classes.json', Class), (entry) => entry.id);
  const faults = index('faults.json', await list(folder, 'faults.json', Fault), (entry) => entry.code);
  const signals = index('signals.json', await list(folder, 'signals.json', Signal), (entry) => entry.metric);
  for (const { item, code } of faults.values()) {
    if (!items.has(item))
      throw new Error(`faults.json: ${code} names item ${item}, which items.json does not list`);
  }
  for (const { item, metric } of signals.values()) {
    if (!items.has(item))
      throw new Error(`signals.json: ${metric} names item ${item}, which items.json does not list`);
  }
  return Object.freeze({ items, classes, faults, signals }) as Catalogue;
};
