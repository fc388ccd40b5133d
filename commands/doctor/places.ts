import type { Config } from '../../config.ts';

/** What of the settings lies on the disk. No secrets: it is handed to another process. */
export interface DiskPlaces {
  readonly dataDir: string;
  readonly logPath: string;
  readonly logMaxBytes: number;
  /** Null: on a server. */
  readonly ledgerPath: string | null;
  readonly telemetryPath: string | null;
  readonly retentionMs: number;
  readonly rulesPath: string | null;
  /** The file given with `--config`. */
  readonly configPath: string | null;
}

export const diskPlaces = (config: Config, configPath: string | null): DiskPlaces => ({
  dataDir: config.dataDir,
  logPath: config.logPath,
  logMaxBytes: config.logMaxBytes,
  ledgerPath: config.ledger.kind === 'sqlite' ? config.ledger.path : null,
  telemetryPath: config.telemetry.kind === 'sqlite' ? config.telemetry.path : null,
  retentionMs: config.retention.rawMs,
  rulesPath: config.rulesPath,
  configPath,
});

/** Database files, each with what SQLite puts beside it. */
export const filesOf = ({ logPath, ledgerPath, telemetryPath }: DiskPlaces): readonly string[] =>
  [logPath, ledgerPath, telemetryPath]
    .filter((path) => path !== null)
    .flatMap((path) => [path, `${path}-wal`, `${path}-shm`]);
