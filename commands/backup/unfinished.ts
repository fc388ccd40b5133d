import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { Failure } from '../failure.ts';

/** Lies in the data folder while a restore is under way, and stays where it did not finish. */
export const unfinishedPath = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'restore-unfinished');

/** @throws Failure where what lies there is half of a backup */
export const refuseUnfinished = (config: Pick<Config, 'dataDir'>): void => {
  if (existsSync(unfinishedPath(config)))
    throw new Failure(
      `${config.dataDir}: a restore is under way there, or did not finish; let it end, or empty the folder and restore again`,
    );
};
