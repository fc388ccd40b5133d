import { durationText } from '../../core/rules/duration.ts';
import { type Field, fileKey, sections } from '../../core/rules/fields.ts';
import { DEFAULTS } from '../../core/rules/parameters.ts';

const boundsOf = (field: Field): string => {
  if (field.kind === 'switch') return '`true`, `false`';
  if (field.kind === 'duration') return `${durationText(field.leastMs)} to ${durationText(field.mostMs)}`;
  return `${field.least} to ${field.most}${field.isWhole ? ', whole' : ''}`;
};

const defaultOf = (field: Field, value: unknown): string =>
  field.kind === 'duration' ? durationText(value as number) : String(value);

/** The table in docs/rules.md. */
export const rulesTable = (): string => {
  const values = DEFAULTS as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const rows = sections().flatMap(([section, fields]) =>
    fields.map(
      ([name, field]) =>
        `| ${fileKey(section)} | ${fileKey(name)} | \`${defaultOf(field, values[section]?.[name])}\` | ${boundsOf(field)} | ${field.meaning} |`,
    ),
  );
  return ['| detector | key | default | may be | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
};
