import type { FastifySerializerCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * Answers are made by views that TypeScript holds to the schemas, so serialising is plain JSON. With
 * `isChecked` each one is validated as well, and one that differs is a bug that throws: the tests run so.
 */
export const answerSerializer =
  (isChecked: boolean): FastifySerializerCompiler<TSchema> =>
  ({ schema, method, url, httpStatus }) => {
    if (!isChecked) return (answer) => JSON.stringify(answer);
    const shape = Compile(schema);
    return (answer) => {
      const text = JSON.stringify(answer);
      const parsed: unknown = text === undefined ? null : JSON.parse(text);
      const [error] = shape.Errors(parsed);
      if (error) throw new Error(`${method} ${url} ${httpStatus}${error.instancePath}: ${error.message}`);
      return text;
    };
  };
