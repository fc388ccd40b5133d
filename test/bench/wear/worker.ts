import { parentPort } from 'node:worker_threads';
import { loadCatalogue } from '../../../catalogue/load.ts';
import type { Tier } from '../../../simulators/machine.ts';
import { machineClasses } from '../../../simulators/trial.ts';
import { classOutcome } from './class.ts';

export interface Job {
  readonly machine: string;
  readonly tier: Tier;
  readonly seed: number;
  readonly only: string | undefined;
}

const catalogue = await loadCatalogue();
const port = parentPort;

port?.on('message', ({ machine, ...job }: Job) => {
  const kind = machineClasses().find(({ id }) => id === machine);
  if (!kind) throw new Error(`${machine} is not simulated`);
  port.postMessage(classOutcome({ catalogue, kind, ...job }));
});
