#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { backupCommand } from './commands/backup.ts';
import { channelCommand } from './commands/channel.ts';
import { crewCommand } from './commands/crew.ts';
import { demoCommand } from './commands/demo.ts';
import { detectCommand } from './commands/detect.ts';
import { doctorCommand } from './commands/doctor.ts';
import { equipmentCommand } from './commands/equipment.ts';
import { Failure } from './commands/failure.ts';
import { restoreCommand } from './commands/restore.ts';
import { rulesCommand } from './commands/rules.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { tokenCommand } from './commands/token.ts';
import { userCommand } from './commands/user.ts';
import { verifyCommand } from './commands/verify.ts';
import { ConfigError, FileError } from './config.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. Errors are one line on stderr. */
const program = new Command('precall')
  .description('sends the local crew to a parking garage or an appliance before anyone has to call')
  .option('--config <file>', 'KEY=value lines; the environment goes before them')
  .addCommand(serveCommand())
  .addCommand(demoCommand())
  .addCommand(simulateCommand())
  .addCommand(detectCommand())
  .addCommand(equipmentCommand())
  .addCommand(crewCommand())
  .addCommand(channelCommand())
  .addCommand(rulesCommand())
  .addCommand(userCommand())
  .addCommand(tokenCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(verifyCommand())
  .addCommand(doctorCommand());

/** Commander exits by itself unless told otherwise, command by command. */
const throwInsteadOfExit = (command: Command): void => {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => write(`precall: ${text.replace(/^error: /, '')}`),
  });
  for (const sub of command.commands) throwInsteadOfExit(sub);
};
throwInsteadOfExit(program);

const exitCodeOf = (cause: unknown): number => {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  const message = cause instanceof Error ? cause.message : String(cause);
  const known = cause instanceof Failure || cause instanceof ConfigError;
  if (cause instanceof FileError) for (const line of cause.lines) console.error(line);
  console.error(`precall: ${known ? message : message.split('\n')[0]}`);
  if (!known && process.env.DEBUG) console.error(cause);
  return cause instanceof Failure ? cause.exitCode : cause instanceof ConfigError ? 2 : 1;
};

try {
  await program.parseAsync();
} catch (cause) {
  process.exitCode = exitCodeOf(cause);
}
