import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import type { Role } from '../store/ledger.ts';
import { hashPassword, passwordProblem } from '../store/password.ts';
import { everyRow } from '../store/rows.ts';
import { Failure } from './failure.ts';
import { operator, withLedger } from './ledger.ts';

export const ROLES: readonly Role[] = ['viewer', 'attendant', 'crew', 'dispatcher', 'admin'];
const add = new Command('add')
  .description('add a person who signs in; prints a new password once, or reads one from standard input')
  .argument('<name>', 'the name to sign in with')
  .addOption(new Option('--role <role>', 'what the person may do').choices([...ROLES]).makeOptionMandatory())
  .option('--crew <crew>', 'the crew of a person with role crew')
  .option('--password-stdin', 'read the password from standard input')
  .option('--json', 'one JSON line')
  .action(
    async (
      name: string,
      options: { role: Role; crew?: string; passwordStdin?: boolean; json?: boolean },
      command: Command,
    ) => {
      if (!/^[\p{L}\p{N}._@-]{1,100}$/u.test(name))
        throw new Failure(`name "${name}": use letters, digits and . _ @ -`, 2);
      if ((options.role === 'crew') !== (options.crew !== undefined)) {
        throw new Failure('a person with role crew needs --crew, and only such a person', 2);
      }
      const password = options.passwordStdin
        ? (await text(process.stdin)).replace(/\r?\n$/, '')
        : randomBytes(12).toString('base64url');
      const problem = passwordProblem(password);
      if (problem !== null) throw new Failure(problem, 2);
      const passwordHash = await hashPassword(password);
      await withLedger(command, (ledger, nowMs) =>
        ledger.transaction(async (tx) => {
          if (await tx.people.get(name)) throw new Failure(`${name}: exists already`);
          if (options.crew !== undefined && !(await tx.crews.get(options.crew))) {
            throw new Failure(`crew ${options.crew}: is not known; add it first: npx precall crew add`);
          }
          await tx.people.put(
            { id: name, role: options.role, crew: options.crew ?? null, passwordHash, disabled: false },
            nowMs,
          );
          await tx.audit.add({
            atMs: nowMs,
            actor: operator(),
            action: 'user.added',
            subject: name,
            detail: { role: options.role },
          });
        }),
      );
      const shown = options.passwordStdin ? {} : { password };
      if (options.json) console.log(JSON.stringify({ user: name, role: options.role, ...shown }));
      else
        console.log(
          `${name} (${options.role})${options.passwordStdin ? '' : `\n  password: ${password}\n  (shown once)`}`,
        );
    },
  );

const list = new Command('list')
  .description('list the people who may sign in')
  .option('--json', 'one JSON line each')
  .action(async (options: { json?: boolean }, command: Command) => {
    await withLedger(command, async (ledger) => {
      for (const { id, role, crew, disabled } of await everyRow((query) => ledger.people.list(query))) {
        console.log(
          options.json
            ? JSON.stringify({ user: id, role, crew, disabled })
            : [id, role, crew ?? '', disabled ? 'disabled' : ''].join('\t'),
        );
      }
    });
  });

const disable = new Command('disable')
  .description('end a person’s sign-in and sessions at once')
  .argument('<name>')
  .action(async (name: string, _options: unknown, command: Command) => {
    await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        if (!(await tx.people.disable(name, nowMs)))
          throw new Failure(`${name}: is not known; precall user list shows all`);
        await tx.audit.add({
          atMs: nowMs,
          actor: operator(),
          action: 'user.disabled',
          subject: name,
          detail: {},
        });
      }),
    );
    console.log(`${name}: disabled`);
  });

export const userCommand = (): Command =>
  new Command('user')
    .description('people who sign in; works while the service runs')
    .addCommand(add)
    .addCommand(list)
    .addCommand(disable);
