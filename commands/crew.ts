import { Command, InvalidArgumentError } from 'commander';
import { EQUIPMENT_ID } from '../core/telemetry/limits.ts';
import { everyRow } from '../store/rows.ts';
import { Failure } from './failure.ts';
import { operator, withLedger } from './ledger.ts';

const ALL_WEEK = [1, 2, 3, 4, 5, 6, 7];
const HOURS = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

const number = (value: string): number => {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed))
    throw new InvalidArgumentError('give degrees, e.g. 30.2711');
  return parsed;
};

interface Options {
  readonly skills: string;
  readonly lat: number;
  readonly lon: number;
  readonly name?: string;
  readonly hours: string;
  readonly timeZone: string;
}

const checked = (id: string, { skills, lat, lon, hours, timeZone }: Options): void => {
  if (!EQUIPMENT_ID.test(id))
    throw new Failure(`crew id "${id}": use 1 to 64 of the letters A–Z a–z, digits, _ and -`, 2);
  if (skills.split(',').some((skill) => skill.trim() === ''))
    throw new Failure('--skills: name classes such as PSH,fridge', 2);
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180)
    throw new Failure('--lat must lie in -90…90 and --lon in -180…180', 2);
  if (!HOURS.test(hours))
    throw new Failure(`--hours ${hours}: give e.g. 08:00-18:00; the whole day is 00:00-24:00`, 2);
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new Failure(`--time-zone ${timeZone}: is not an IANA zone; give e.g. Asia/Shanghai`, 2);
  }
};

const add = new Command('add')
  .description(
    'add a crew, or change one; shifts that differ by day are set in the API (PATCH /api/v1/crews/ID)',
  )
  .argument('<id>', 'crew id')
  .requiredOption('--skills <classes>', 'required: classes it is trained for, e.g. PSH,fridge')
  .requiredOption('--lat <degrees>', 'required: where it starts from, WGS-84', number)
  .requiredOption('--lon <degrees>', 'required: where it starts from, WGS-84', number)
  .option('--name <name>', 'name on screen (default: the id)')
  .option('--hours <from-to>', 'hours of every day', '00:00-24:00')
  .option('--time-zone <zone>', 'the zone of those hours', 'Asia/Shanghai')
  .action(async (id: string, options: Options, command: Command) => {
    checked(id, options);
    const [from = '', to = ''] = options.hours.split('-');
    const crew = {
      id,
      name: options.name ?? id,
      station: null,
      position: { lat: options.lat, lon: options.lon },
      skills: options.skills.split(',').map((skill) => skill.trim()),
      shifts: [{ days: ALL_WEEK, from, to }],
      timeZone: options.timeZone,
      active: true,
    };
    await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        await tx.crews.put(crew, nowMs);
        await tx.audit.add({
          atMs: nowMs,
          actor: operator(),
          action: 'crew.added',
          subject: id,
          detail: { skills: crew.skills },
        });
      }),
    );
    console.log(
      `${id}: trained for ${crew.skills.join(', ')}, ${options.hours} every day (${options.timeZone})`,
    );
  });

const list = new Command('list')
  .description('list the crews')
  .option('--json', 'one JSON line each')
  .action(async (options: { json?: boolean }, command: Command) => {
    await withLedger(command, async (ledger) => {
      for (const crew of await everyRow((query) => ledger.crews.list(query))) {
        console.log(
          options.json
            ? JSON.stringify(crew)
            : [crew.id, crew.name, crew.skills.join(','), crew.active ? '' : 'inactive'].join('\t'),
        );
      }
    });
  });

export const crewCommand = (): Command =>
  new Command('crew')
    .description('crews that are sent; works while the service runs')
    .addCommand(add)
    .addCommand(list);
