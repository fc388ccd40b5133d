import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** What a process has used so far, from /proc (Linux); all its threads together. */
export interface Usage {
  readonly cpuS: number;
  readonly rssBytes: number;
}

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const TICKS_PER_S = 100;

export const usageOf = (pid: number): Usage => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the process, in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { cpuS: (user + system) / TICKS_PER_S, rssBytes: rssKb * 1024 };
};

export const machineName = (): string => {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${gib} GiB, Linux ${release()}, Node ${process.version}`;
};
