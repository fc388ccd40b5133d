import { Command } from 'commander';
import { setupLink } from '../api/access/setup.ts';
import { hashPassword } from '../store/password.ts';
import { newSecret } from '../store/secret.ts';
import { configOf, withLedger } from './ledger.ts';
import { startReal, untilSignal } from './running.ts';

/**
 * The first administrator, on an empty ledger: from PRECALL_ADMIN_PASSWORD, or by a set-up link that works once.
 * Returns the link's token, or null where nobody needs one.
 */
const firstAdministrator = (command: Command): Promise<string | null> =>
  withLedger(command, async (ledger, nowMs) => {
    if ((await ledger.people.count()) > 0) return null;
    const { adminPassword } = configOf(command);
    if (adminPassword === null) return newSecret();
    const passwordHash = await hashPassword(adminPassword);
    await ledger.transaction(async (tx) => {
      await tx.people.put({ id: 'admin', role: 'admin', crew: null, passwordHash, disabled: false }, nowMs);
      await tx.audit.add({
        atMs: nowMs,
        actor: 'system',
        action: 'user.added',
        subject: 'admin',
        detail: { role: 'admin' },
      });
    });
    return null;
  });

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the service: no demo, no default secrets')
    .option('--log-level <level>', 'fatal, error, warn, info, debug', 'info')
    .action(async (options: { logLevel: string }, command: Command) => {
      const config = configOf(command);
      const setupToken = await firstAdministrator(command);
      const app = await startReal(config, { setupToken, logLevel: options.logLevel });
      if (app.httpUrl) console.log(`precall: dashboard and API at ${app.httpUrl}`);
      if (app.mqttUrl) console.log(`precall: MQTT at ${app.mqttUrl}`);
      if (setupToken !== null && app.httpUrl) {
        console.log(
          `precall: nobody can sign in yet; set the administrator's password once at ${setupLink(config.publicUrl, setupToken)}`,
        );
      }
      // Without a rules file there is nothing to read again, and a hang-up ends the process as ever.
      const reload = (): void =>
        void app.reloadRules().catch((error: Error) => console.error(`precall: ${error.message}`));
      if (config.rulesPath !== null) process.on('SIGHUP', reload);
      await untilSignal();
      process.removeListener('SIGHUP', reload);
      await app.close();
    });
