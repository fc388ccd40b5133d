import { statfsSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { loadCatalogue } from '../../catalogue/load.ts';
import { loadRules } from '../../catalogue/rules/load.ts';
import { isFileLocked } from '../../store/sqlite/lock.ts';
import { type Finding, fail, ok } from '../finding.ts';
import { judgeBackwards } from './clock.ts';
import { lookAtLedger, lookAtLog, lookAtTelemetry } from './embedded.ts';
import { checkFolder, standingFolder } from './folder.ts';
import type { DiskPlaces } from './places.ts';
import { judgeSpace, type Space } from './space.ts';

/**
 * Everything that touches the disk, in a process of its own that can be killed: a disk that hangs takes whoever looks at it
 * along. The places come on standard input; answers are JSON
 * lines: whether a process holds the log, then findings.
 */
const tell = (findings: readonly Finding[]): void => {
  process.stdout.write(`${JSON.stringify(findings)}\n`);
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** One look per disk: log and telemetry may share one. */
const spacesOf = (places: DiskPlaces, telemetry: Space['telemetry']): readonly Space[] => {
  const { logPath, logMaxBytes, telemetryPath } = places;
  const folder = standingFolder(logPath);
  const log = { maxBytes: logMaxBytes, fileBytes: sizeOf(logPath) };
  const of = (at: string, rest: Pick<Space, 'log' | 'telemetry'>): Space => {
    const { bavail, bsize } = statfsSync(at);
    return { folder: at, freeBytes: bavail * bsize, ...rest };
  };
  if (telemetryPath === null) return [of(folder, { log, telemetry: null })];
  const other = standingFolder(telemetryPath);
  return statSync(folder).dev === statSync(other).dev
    ? [of(folder, { log, telemetry })]
    : [of(folder, { log, telemetry: null }), of(other, { log: null, telemetry })];
};

const checkRules = async (path: string | null): Promise<readonly Finding[]> => {
  if (path === null) return [];
  const { errors } = await loadRules(path, await loadCatalogue());
  const [first] = errors;
  return first === undefined
    ? [ok('rules', path)]
    : [
        fail(
          'rules',
          first,
          `mend ${errors.length === 1 ? 'it' : `all ${errors.length} errors`} in ${path} (docs/rules.md)`,
        ),
      ];
};

const places = JSON.parse(await text(process.stdin)) as DiskPlaces;
const { logPath, logMaxBytes, ledgerPath, telemetryPath, retentionMs, rulesPath } = places;
process.stdout.write(`${JSON.stringify({ isLocked: isFileLocked(logPath) })}\n`);
tell(checkFolder(places));
tell(await checkRules(rulesPath));
const log = lookAtLog(logPath, logMaxBytes);
tell([log.finding]);
const ledger = ledgerPath === null ? null : await lookAtLedger(ledgerPath);
if (ledger) tell([ledger.finding]);
const newest = [log.newestMs, ledger?.newestMs ?? null].filter((ms) => ms !== null);
tell([judgeBackwards(newest.length === 0 ? null : Math.max(...newest), Date.now())]);
const telemetry = telemetryPath === null ? null : lookAtTelemetry(telemetryPath, retentionMs);
if (telemetry) tell([telemetry.finding]);
tell(spacesOf(places, telemetry?.space ?? null).map(judgeSpace));
