import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { parse } from 'csv-parse';
import { EQUIPMENT_ID } from '../core/telemetry/limits.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { everyRow } from '../store/rows.ts';
import { hashSecret, newSecret, secretKey } from '../store/secret.ts';
import { Failure } from './failure.ts';
import { operator, withLedger } from './ledger.ts';

interface NewEquipment {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly name: string;
}

/** Printed once; only its hash is kept. */
export interface Provisioned extends NewEquipment {
  readonly secret: string;
}

const checkId = (what: string, id: string): void => {
  if (!EQUIPMENT_ID.test(id)) {
    throw new Failure(`${what} "${id}": use 1 to 64 of the letters A–Z a–z, digits, _ and -`, 2);
  }
};

const audited = (
  tx: LedgerNouns,
  action: string,
  subject: string,
  atMs: number,
  detail = {},
): Promise<void> => tx.audit.add({ atMs, actor: operator(), action, subject, detail });

/** A site is made where it isn't known yet, without a position: `precall site` data comes with the API. */
const provision = async (tx: LedgerNouns, entry: NewEquipment, atMs: number): Promise<Provisioned> => {
  if (!(await tx.sites.get(entry.site))) {
    await tx.sites.put({ id: entry.site, name: entry.site, position: null, timeZone: 'Asia/Shanghai' }, atMs);
  }
  if (await tx.credentials.get(entry.id)) {
    throw new Failure(
      `equipment ${entry.id}: exists already; for a new secret use: precall equipment rotate ${entry.id}`,
    );
  }
  await tx.equipment.put(entry, atMs);
  const secret = newSecret();
  await tx.credentials.put(
    {
      id: entry.id,
      secretHash: hashSecret(await secretKey(tx), secret),
      equipment: [{ id: entry.id, site: entry.site }],
    },
    atMs,
  );
  await audited(tx, 'equipment.added', entry.id, atMs, { site: entry.site, model: entry.model });
  return { ...entry, secret };
};

const show = ({ id, secret }: Provisioned): string =>
  `${id}\n  username and client id: ${id}\n  password: ${secret}\n  (shown once; only a hash of it is kept)`;

const print = (provisioned: readonly Provisioned[], json: boolean | undefined): void => {
  for (const entry of provisioned) console.log(json ? JSON.stringify(entry) : show(entry));
};

const add = new Command('add')
  .description('add an equipment and print its secret once')
  .argument('<id>', 'equipment id = MQTT username = client id')
  .requiredOption('--site <site>', 'required: site id; made where it is new')
  .requiredOption('--model <model>', 'required: model, e.g. PSH-7; the part before the dash is the class')
  .option('--name <name>', 'name on screen (default: the id)')
  .option('--json', 'one JSON line')
  .action(
    async (
      id: string,
      options: { site: string; model: string; name?: string; json?: boolean },
      command: Command,
    ) => {
      checkId('equipment id', id);
      checkId('site', options.site);
      const entry = { id, site: options.site, model: options.model, name: options.name ?? id };
      const provisioned = await withLedger(command, (ledger, nowMs) =>
        ledger.transaction((tx) => provision(tx, entry, nowMs)),
      );
      print([provisioned], options.json);
    },
  );

const readRows = async (file: string): Promise<readonly NewEquipment[]> => {
  const rows: NewEquipment[] = [];
  const parser = createReadStream(file)
    .on('error', (cause: NodeJS.ErrnoException) =>
      parser.destroy(new Failure(`${file}: can't be read (${cause.code})`)),
    )
    .pipe(parse({ columns: true, bom: true, trim: true, skip_empty_lines: true, info: true }));
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      const { id = '', site = '', model = '', name } = record;
      if (!EQUIPMENT_ID.test(id))
        throw new Failure(`${file} line ${info.lines}: id "${id}" is not 1 to 64 of A–Z a–z 0–9 _ -`);
      if (!EQUIPMENT_ID.test(site))
        throw new Failure(`${file} line ${info.lines}: site "${site}" is not 1 to 64 of A–Z a–z 0–9 _ -`);
      if (model === '') throw new Failure(`${file} line ${info.lines}: model is empty`);
      rows.push({ id, site, model, name: name || id });
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(`${file}: ${(cause as Error).message}`);
  }
  if (rows.length === 0)
    throw new Failure(`${file}: no lines; expected a header id,site,model,name and one line per equipment`);
  return rows;
};

const importFile = new Command('import')
  .description('add every equipment of a CSV file (id,site,model,name): all of them or none')
  .argument('<file>')
  .option('--json', 'one JSON line each')
  .action(async (file: string, options: { json?: boolean }, command: Command) => {
    const rows = await readRows(file);
    const provisioned = await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        const done: Provisioned[] = [];
        for (const row of rows) done.push(await provision(tx, row, nowMs));
        return done;
      }),
    );
    print(provisioned, options.json);
  });

const rotate = new Command('rotate')
  .description('give an equipment a new secret; the old one ends at once')
  .argument('<id>')
  .option('--json', 'one JSON line')
  .action(async (id: string, options: { json?: boolean }, command: Command) => {
    const secret = newSecret();
    const equipment = await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        const credential = await tx.credentials.get(id);
        if (!credential) throw new Failure(`equipment ${id}: is not known; precall equipment list shows all`);
        await tx.credentials.put(
          { id, secretHash: hashSecret(await secretKey(tx), secret), equipment: credential.equipment },
          nowMs,
        );
        await audited(tx, 'equipment.rotated', id, nowMs);
        return tx.equipment.get(id);
      }),
    );
    print(
      [
        {
          id,
          site: equipment?.site ?? '',
          model: equipment?.model ?? '',
          name: equipment?.name ?? id,
          secret,
        },
      ],
      options.json,
    );
  });

const gateway = new Command('gateway')
  .description('add a gateway: one credential that speaks for several equipments')
  .argument('<id>', 'gateway id = MQTT username = client id')
  .requiredOption('--for <ids>', 'equipment ids, separated by commas')
  .option('--json', 'one JSON line')
  .action(async (id: string, options: { for: string; json?: boolean }, command: Command) => {
    checkId('gateway id', id);
    const secret = newSecret();
    await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        if (await tx.credentials.get(id))
          throw new Failure(
            `gateway ${id}: exists already; precall equipment rotate ${id} gives it a new secret`,
          );
        const equipment: { id: string; site: string }[] = [];
        for (const name of options.for.split(',').map((part) => part.trim())) {
          const known = await tx.equipment.get(name);
          if (!known) throw new Failure(`equipment ${name}: is not known; add it first`);
          equipment.push({ id: known.id, site: known.site });
        }
        await tx.credentials.put(
          { id, secretHash: hashSecret(await secretKey(tx), secret), equipment },
          nowMs,
        );
        await audited(tx, 'gateway.added', id, nowMs, { equipment: equipment.length });
      }),
    );
    console.log(
      options.json
        ? JSON.stringify({ id, for: options.for.split(','), secret })
        : `${id}\n  password: ${secret}\n  (shown once)`,
    );
  });

/** Other credentials in force that speak for the equipment. */
const gatewaysOf = async (tx: Pick<LedgerNouns, 'credentials'>, id: string): Promise<readonly string[]> =>
  (await everyRow((query) => tx.credentials.list(query)))
    .filter((one) => one.id !== id && !one.revoked && one.equipment.some((spoken) => spoken.id === id))
    .map((one) => one.id);

const revoke = new Command('revoke')
  .description('end the secret of an equipment or a gateway; a live connection is closed within a second')
  .argument('<id>', 'equipment or gateway id')
  .addHelpText(
    'after',
    `
Ends this secret only. A gateway that lists the equipment has a secret of its own and may go on speaking
for it: revoke the gateway, too, to silence it. The command names the gateways that are left.`,
  )
  .action(async (id: string, _options: unknown, command: Command) => {
    const left = await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        if (!(await tx.credentials.revoke(id, nowMs))) {
          throw new Failure(`equipment ${id}: has no secret to revoke; precall equipment list shows all`);
        }
        const gateways = await gatewaysOf(tx, id);
        await audited(tx, 'equipment.revoked', id, nowMs, { gateways: gateways.length });
        return gateways;
      }),
    );
    console.log(`${id}: revoked`);
    for (const gateway of left) {
      console.log(
        `  gateway ${gateway} may still speak for it; to end that: precall equipment revoke ${gateway}`,
      );
    }
  });

const list = new Command('list')
  .description('list equipment with its site, model and whether its secret is in force')
  .option('--json', 'one JSON line each')
  .action(async (options: { json?: boolean }, command: Command) => {
    await withLedger(command, async (ledger) => {
      const credentials = new Map(
        (await everyRow((query) => ledger.credentials.list(query))).map((entry) => [entry.id, entry]),
      );
      for (const { id, site, model, name, online } of await everyRow((query) =>
        ledger.equipment.list(query),
      )) {
        const secret = credentials.has(id) ? (credentials.get(id)?.revoked ? 'revoked' : 'in force') : 'none';
        console.log(
          options.json
            ? JSON.stringify({ id, site, model, name, online, secret })
            : [id, site, model, name, online, `secret ${secret}`].join('\t'),
        );
      }
    });
  });

export const equipmentCommand = (): Command =>
  new Command('equipment')
    .description('machines and their secrets; works while the service runs')
    .addCommand(add)
    .addCommand(importFile)
    .addCommand(rotate)
    .addCommand(revoke)
    .addCommand(gateway)
    .addCommand(list);
