import Type from 'typebox';

/** What the shapes of the API are made of. */
export const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const literals = <V extends string[]>(values: readonly [...V]) => Type.Enum<V>(values);

export const Id = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
export const Iso = Type.String({ description: 'ISO 8601, UTC' });
export const Words = Type.Object({ en: Type.String(), zh: Type.String() });
export const Severity = literals(['S1', 'S2', 'S3', 'watch']);
export const Health = literals(['normal', 'watch', 'due', 'down', 'unknown']);
export const OnlineState = literals(['online', 'offline', 'unknown']);
export const Position = Type.Object({
  lat: Type.Number({ minimum: -90, maximum: 90 }),
  lon: Type.Number({ minimum: -180, maximum: 180 }),
});
