import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Command } from 'commander';
import type { App } from '../app.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { type Config, isLoopback, readConfig } from '../config.ts';
import { alertWords, unitWords } from '../core/alert/words.ts';
import { type Catalogue, classOf } from '../core/fault/catalogue.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import { bothWords, loadTown, TOWN_NAMES, type Town } from '../simulators/town/file.ts';
import { startTown } from '../simulators/town/town.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { hashPassword } from '../store/password.ts';
import { hashSecret, newSecret, secretKey } from '../store/secret.ts';
import people from './demo.people.json' with { type: 'json' };
import { Failure } from './failure.ts';
import { configOf } from './ledger.ts';
import { startReal, untilSignal } from './running.ts';

/**
 * The whole service with a small town that wears fast. It begins anew at each start, in a folder of its own
 * beside what `serve` keeps, so that it can never touch real data.
 */
const MARKER = 'this-is-a-demo.txt';
const ALL_WEEK = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }];
const SEED = 20_260_101;

/** The process that wrote the marker, where it still runs. */
const runningDemo = async (marker: string): Promise<number | null> => {
  const pid = Number(/process (\d+)/.exec(await readFile(marker, 'utf8'))?.[1] ?? Number.NaN);
  if (!Number.isInteger(pid) || pid === process.pid) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM' ? pid : null;
  }
};

const freshFolder = async (dataDir: string): Promise<string> => {
  const folder = join(dataDir, 'demo');
  const marker = join(folder, MARKER);
  if (existsSync(folder)) {
    if (!existsSync(marker)) {
      throw new Failure(
        `${folder}: holds something that the demo did not write; set PRECALL_DATA to another folder`,
      );
    }
    const pid = await runningDemo(marker);
    if (pid !== null) {
      throw new Failure(
        `${folder}: a demo is running there (process ${pid}); stop it, or set PRECALL_DATA to another folder`,
      );
    }
    await rm(folder, { recursive: true });
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(
    marker,
    `Written by precall demo, process ${process.pid}, and deleted by its next start.\n`,
  );
  return folder;
};

/** Both ports are tried before anything is deleted or made, so that one start names all that is in the way. */
const checkPorts = async (config: Config): Promise<void> => {
  const busy: string[] = [];
  for (const [key, { host, port }] of [
    ['PRECALL_HTTP', config.http],
    ['PRECALL_MQTT', config.mqtt],
  ] as const) {
    if (port !== 0 && (await isTaken(host, port))) busy.push(`${key}=${host}:${port + 1}`);
  }
  if (busy.length > 0) {
    throw new Failure(
      `a port is in use (is a demo or a service running already?); to use others: ${busy.join(' ')} npm start`,
    );
  }
};

const isTaken = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code === 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(false)));
  });

/** Known passwords where only this machine can reach the demo, else new ones. */
const demoPassword = (config: Config): string =>
  isLoopback(config.http.host) ? 'precall-demo' : randomBytes(9).toString('base64url');

/** Sites, machines with their secrets, crews and people. Returns the secrets for the simulators. */
const furnish = async (
  tx: LedgerNouns,
  town: Town,
  passwordHash: string,
  nowMs: number,
): Promise<ReadonlyMap<string, string>> => {
  const key = await secretKey(tx);
  const secrets = new Map<string, string>();
  for (const { id, name, position, timeZone } of town.sites)
    await tx.sites.put({ id, name: bothWords(name), position, timeZone }, nowMs);
  for (const { id, site, model, name } of town.machines) {
    const secret = newSecret();
    secrets.set(id, secret);
    await tx.equipment.put({ id, site, model, name: bothWords(name) }, nowMs);
    await tx.credentials.put({ id, secretHash: hashSecret(key, secret), equipment: [{ id, site }] }, nowMs);
  }
  for (const crew of people.crews) {
    await tx.crews.put({ ...crew, shifts: ALL_WEEK, timeZone: 'Asia/Shanghai', active: true }, nowMs);
  }
  for (const { id, role, crew } of people.users) {
    await tx.people.put({ id, role: role as 'admin', crew, passwordHash, disabled: false }, nowMs);
  }
  return secrets;
};

const clockText = (atMs: number): string => new Date(atMs).toTimeString().slice(0, 8);

/** What changed on a ticket, as one line for the terminal. */
const ticketLine = async (app: App, catalogue: Catalogue, what: string, ticket: Ticket): Promise<string> => {
  const place = [ticket.equipment, unitWords(ticket.unit).en].filter(Boolean).join(' ');
  if (what !== 'opened')
    return `${ticket.state.padEnd(12)} ${place} ${ticket.component}${ticket.crew ? ` · ${ticket.crew}` : ''}`;
  const alert = ticket.alerts[0] ? await app.ledger.alerts.get(ticket.alerts[0]) : null;
  const words = alert ? alertWords(catalogue, alert).en : ticket.words;
  return `ticket       ${ticket.equipment} · ${words} (${ticket.severity}, from ${ticket.source})`;
};

/** Prints tickets as they move. Returns the function that stops it. */
const narrate = (app: App, catalogue: Catalogue): (() => void) => {
  let cursor: string | null = null;
  let running = Promise.resolve();
  const SHOWN = [
    'opened',
    'assign',
    'acknowledge',
    'depart',
    'arrive',
    'resolve',
    'close',
    'reopen',
    'cancel',
    'not-acknowledged',
  ];
  const read = async (): Promise<void> => {
    for (const change of await app.ledger.changes(cursor, 500)) {
      cursor = change.cursor;
      if (change.kind !== 'ticket' || !SHOWN.includes(change.what)) continue;
      const ticket = await app.ledger.tickets.get(change.id);
      if (ticket)
        console.log(`${clockText(change.atMs)}  ${await ticketLine(app, catalogue, change.what, ticket)}`);
    }
  };
  return app.ledger.onChange(() => {
    running = running.then(read).catch(() => undefined);
  });
};

const welcome = (app: App, config: Config, password: string, town: Town, catalogue: Catalogue): string => {
  const users = people.users.map(({ id, for: purpose }) => `    ${id.padEnd(12)} ${purpose}`).join('\n');
  const garages = town.machines.filter(
    ({ model }) => catalogue.classes.get(classOf(model))?.kind === 'garage',
  ).length;
  return `
Precall demo: ${town.name.en} ${town.name.zh}, ${garages} garages, ${town.machines.length - garages} appliances, ${people.crews.length} crews. Everything in it is simulated.

  Dashboard  ${config.publicUrl === app.httpUrl ? app.httpUrl : `${app.httpUrl} (${config.publicUrl})`}
  API        ${app.httpUrl}/api/docs
  MQTT       ${app.mqttUrl}

  Sign in with password ${password} as
${users}

  What to expect
    1. ${town.pastDays} days of the past come in over MQTT, so that normal is known (some seconds).
    2. Then the town lives in real time, ${town.pace === 'fast' ? 'and wears fast' : 'hour by hour'}. ${town.about.en}
    3. Sign in as that crew, press Accept, Depart, Arrived, Done: the machine is repaired, and the ticket closes
       by itself when recovery is seen.

  Ctrl-C ends it; the next start begins anew.
`;
};

export const demoCommand = (): Command =>
  new Command('demo')
    .description('run the service with a simulated town that wears fast (what npm start runs)')
    .option('--town <name>', `${TOWN_NAMES.join(', ')}, or a town file`, 'demo')
    .option('--log-level <level>', 'fatal, error, warn, info, debug', 'warn')
    .action(async (options: { town: string; logLevel: string }, command: Command) => {
      const given = configOf(command);
      const town = await loadTown(options.town).catch((error: Error) => {
        throw new Failure(error.message);
      });
      await checkPorts(given);
      const folder = await freshFolder(given.dataDir);
      const config: Config = { ...given, ...storesIn(folder, given), dataDir: folder };
      const catalogue = await loadCatalogue();
      const password = demoPassword(config);
      const app = await startReal(config, { logLevel: options.logLevel });
      if (!app.httpUrl || !app.mqttUrl) {
        await app.close();
        throw new Failure(
          'PRECALL_ROLES: the demo needs all four parts in one process; leave the key out',
          2,
        );
      }
      const passwordHash = await hashPassword(password);
      const secrets = await app.ledger.transaction((tx) => furnish(tx, town, passwordHash, Date.now()));
      console.log(welcome(app, config, password, town, catalogue));
      const silence = narrate(app, catalogue);
      const run = startTown(town, {
        url: app.mqttUrl,
        secretOf: (id) => secrets.get(id) ?? null,
        clock: Date.now,
        seed: SEED,
      });
      run.past.then(
        () =>
          console.log(
            `${clockText(Date.now())}  past told    ${run.stats().acked} readings acknowledged; the town lives now`,
          ),
        () => undefined,
      );
      await untilSignal();
      silence();
      await run.stop();
      await app.close();
    });

/** Everything embedded begins anew in the demo's own folder; an InfluxDB that was named is used as it is. */
const storesIn = (folder: string, given: Config): Pick<Config, 'logPath' | 'telemetry' | 'ledger'> => {
  if (given.ledger.kind !== 'sqlite')
    throw new Failure(
      'PRECALL_LEDGER: the demo has known passwords and begins anew at each start, so it keeps a ledger of its own; leave the key out, or use `precall serve`',
      2,
    );
  const { logPath, telemetry, ledger } = readConfig({ PRECALL_DATA: folder });
  return { logPath, ledger, telemetry: given.telemetry.kind === 'sqlite' ? telemetry : given.telemetry };
};
