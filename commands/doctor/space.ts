import { type Finding, fail, ok, warn } from '../finding.ts';

/** Bytes of a disk, and what is still to come onto it. */
export interface Space {
  /** Whose disk: a folder. */
  readonly folder: string;
  readonly freeBytes: number;
  /** Where the log lies there: its limit, and what its file takes now. */
  readonly log: { readonly maxBytes: number; readonly fileBytes: number } | null;
  /** Where telemetry lies there: what its file takes, over how long, and how long it is kept. */
  readonly telemetry: {
    readonly fileBytes: number;
    readonly spanMs: number;
    readonly retentionMs: number;
  } | null;
}

/** Below this nothing goes well: SQLite's write-ahead files alone may take 64 MiB each. */
const LEAST_BYTES = 256 * 1024 ** 2;
const DAY_MS = 86_400_000;

export const size = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Math.round((bytes / 1_024 ** step) * 10) / 10} ${units[step]}`;
};

/** What telemetry will take beyond now when it holds all that is kept; 0 before a day has shown how much that is. */
export const telemetryToComeBytes = (telemetry: Space['telemetry']): number => {
  if (telemetry === null || telemetry.spanMs < DAY_MS || telemetry.spanMs >= telemetry.retentionMs) return 0;
  return Math.round(telemetry.fileBytes * (telemetry.retentionMs / telemetry.spanMs - 1));
};

export const judgeSpace = (space: Space): Finding => {
  const { folder, freeBytes, log, telemetry } = space;
  const free = `${size(freeBytes)} free under ${folder}`;
  if (freeBytes < LEAST_BYTES)
    return fail('disk', free, 'free some room: without it nothing is acknowledged');
  const forLog = log === null ? 0 : Math.max(0, log.maxBytes - log.fileBytes);
  if (forLog > freeBytes)
    return warn(
      'disk',
      `${free}, and the log may take ${size(forLog)} more`,
      'free room, or lower PRECALL_LOG_MAX',
    );
  const forTelemetry = telemetryToComeBytes(telemetry);
  return forLog + forTelemetry > freeBytes
    ? warn(
        'disk',
        `${free}; at the pace so far telemetry will take ${size(forTelemetry)} more, the log up to ${size(forLog)}`,
        'give it a larger disk, or shorten PRECALL_RETENTION',
      )
    : ok('disk', free);
};
