import { Command, InvalidArgumentError, Option } from 'commander';
import type { Role } from '../store/ledger.ts';
import { hashSecret, newSecret, secretKey } from '../store/secret.ts';
import { Failure } from './failure.ts';
import { operator, withLedger } from './ledger.ts';
import { ROLES } from './user.ts';

const DAY_MS = 86_400_000;

const days = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 3_650)
    throw new InvalidArgumentError('give whole days, 1 to 3650');
  return number;
};

const create = new Command('create')
  .description('make a token for a script and print it once')
  .addOption(new Option('--role <role>', 'what the token may do').choices([...ROLES]).makeOptionMandatory())
  .option('--crew <crew>', 'the crew that a token with role crew acts for')
  .option('--label <label>', 'what it is for, in the audit', 'script')
  .option('--days <days>', 'days until it ends (default: no end)', days)
  .option('--json', 'one JSON line')
  .action(
    async (
      options: { role: Role; crew?: string; label: string; days?: number; json?: boolean },
      command: Command,
    ) => {
      if ((options.role === 'crew') !== (options.crew !== undefined)) {
        throw new Failure('a token with role crew needs --crew, and only such a token', 2);
      }
      const token = newSecret();
      const expiresAtMs = await withLedger(command, (ledger, nowMs) =>
        ledger.transaction(async (tx) => {
          if (options.crew !== undefined && !(await tx.crews.get(options.crew))) {
            throw new Failure(`crew ${options.crew}: is not known; add it first: npx precall crew add`);
          }
          const endsAtMs = options.days === undefined ? null : nowMs + options.days * DAY_MS;
          await tx.people.grant({
            hash: hashSecret(await secretKey(tx), token),
            kind: 'token',
            subject: options.label,
            role: options.role,
            crew: options.crew ?? null,
            createdAtMs: nowMs,
            expiresAtMs: endsAtMs,
          });
          await tx.audit.add({
            atMs: nowMs,
            actor: operator(),
            action: 'token.created',
            subject: options.label,
            detail: { role: options.role },
          });
          return endsAtMs;
        }),
      );
      const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
      if (options.json)
        console.log(JSON.stringify({ token, role: options.role, label: options.label, expiresAt }));
      else console.log(`${token}\n  (shown once; use it as: Authorization: Bearer TOKEN)`);
    },
  );

export const tokenCommand = (): Command =>
  new Command('token').description('tokens for scripts; works while the service runs').addCommand(create);
