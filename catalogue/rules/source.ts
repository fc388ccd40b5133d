import type { Catalogue } from '../../core/fault/catalogue.ts';
import { type LoadedRules, loadRules, rulesStamp } from './load.ts';

/** Where the service takes its rules from, and looks again. */
export interface RulesFile {
  readonly file: string | null;
  readonly first: LoadedRules;
  readonly firstStamp: string | null;
  read(): Promise<LoadedRules>;
  stamp(): Promise<string | null>;
}

/** `path` null: no file, the defaults. Errors of the file are in `first.errors`. */
export const openRulesFile = async (path: string | null, catalogue: Catalogue): Promise<RulesFile> => {
  const stamp = async (): Promise<string | null> => (path === null ? null : rulesStamp(path));
  // Before it is read: a change in between is then seen as one.
  const firstStamp = await stamp();
  const read = (): Promise<LoadedRules> => loadRules(path, catalogue);
  return { file: path, first: await read(), firstStamp, read, stamp };
};
