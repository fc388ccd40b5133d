import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Finding, fail } from '../finding.ts';
import type { DiskPlaces } from './places.ts';

const PROCESS = fileURLToPath(new URL('./disk.process.ts', import.meta.url));

export interface DiskAnswer {
  readonly findings: readonly Finding[];
  /** A process holds the log: a service runs on it. */
  readonly isLocked: boolean;
}

const answerIn = (output: string, missing: readonly Finding[]): DiskAnswer => {
  // The last part is empty, or a line that was cut off.
  const [locked, ...findings] = output.split('\n').slice(0, -1);
  const { isLocked } = JSON.parse(locked ?? '{"isLocked":false}') as { readonly isLocked: boolean };
  return { isLocked, findings: [...findings.flatMap((line) => JSON.parse(line) as Finding[]), ...missing] };
};

/** What is found on the disk until it is done, or for `limitMs`. */
export const checkDisk = (places: DiskPlaces, limitMs: number): Promise<DiskAnswer> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [PROCESS], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let words = '';
    const end = (missing: readonly Finding[]): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      // One that hangs in the disk does not even die: nobody waits for it.
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve(answerIn(output, missing));
    };
    const timer = setTimeout(
      () =>
        end([
          fail(
            'disk',
            `the disk under ${places.dataDir} gave no answer within ${limitMs / 1_000} s`,
            'see whether it hangs (a network disk whose server is gone?)',
          ),
        ]),
      limitMs,
    );
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      words += chunk;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(places));
    child.on('close', (code) => {
      const said = words.split('\n').find((line) => /Error/.test(line)) ?? `it ended with ${code}`;
      end(code === 0 ? [] : [fail('disk', said, 'mend what it says, then run precall doctor again')]);
    });
  });
