import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { unfinishedPath } from '../backup/unfinished.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';
import { type DiskPlaces, filesOf } from './places.ts';

const canWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

const octal = (mode: number): string => (mode & 0o777).toString(8);

/** The folder itself, or the one that it would be made in. */
const standing = (folder: string): string => (existsSync(folder) ? folder : standing(dirname(folder)));

const checkData = (dataDir: string): Finding => {
  const there = standing(dataDir);
  if (!statSync(there).isDirectory())
    return fail('data', `${there} is no folder`, 'set PRECALL_DATA to a folder');
  if (!canWrite(there))
    return fail(
      'data',
      `${there} can't be written by this user`,
      'give it to the user that runs the service (chown)',
    );
  if (there !== dataDir) return ok('data', `${dataDir} will be made at the first start`);
  const { mode } = statSync(dataDir);
  return (mode & 0o022) === 0
    ? ok('data', `${dataDir}, mode ${octal(mode)}`)
    : warn('data', `others may write into ${dataDir} (mode ${octal(mode)})`, `chmod go-w ${dataDir}`);
};

/** Files hold hashes and keys of secrets. Each that others may read, or that can't be written. */
const checkFiles = (places: DiskPlaces): readonly Finding[] => {
  const files = filesOf(places).filter(existsSync);
  const open = files.filter((file) => (statSync(file).mode & 0o077) !== 0);
  const closed = files.filter((file) => !canWrite(file));
  if (open.length + closed.length === 0)
    return files.length > 0 ? [ok('files', `${files.length} files, for their owner alone`)] : [];
  return [
    ...open.map((file) =>
      fail('files', `${file} is open to others (mode ${octal(statSync(file).mode)})`, `chmod 600 ${file}`),
    ),
    ...closed.map((file) =>
      fail(
        'files',
        `${file} can't be written by this user`,
        'give it to the user that runs the service (chown)',
      ),
    ),
  ];
};

/** A user's password or a token in a URL, or the administrator's password. */
const SECRET = /:\/\/[^/\s]*:[^/\s]*@|[?&]token=|PRECALL_ADMIN_PASSWORD/;

const checkConfigFile = (path: string | null): readonly Finding[] => {
  if (path === null) return [];
  const { mode } = statSync(path);
  const isOpen = (mode & 0o077) !== 0 && SECRET.test(readFileSync(path, 'utf8'));
  return isOpen
    ? [
        fail(
          'config',
          `${path} holds a password and is open to others (mode ${octal(mode)})`,
          `chmod 600 ${path}`,
        ),
      ]
    : [];
};

const checkRestore = (places: DiskPlaces): readonly Finding[] =>
  existsSync(unfinishedPath(places))
    ? [
        fail(
          'restore',
          `a restore into ${places.dataDir} is under way, or did not finish`,
          'let it end, or empty the folder and restore again',
        ),
      ]
    : [];

export const checkFolder = (places: DiskPlaces): readonly Finding[] => [
  checkData(places.dataDir),
  ...checkFiles(places),
  ...checkConfigFile(places.configPath),
  ...checkRestore(places),
];

/** The folder that exists and that `path` lies in, or would. */
export const standingFolder = (path: string): string => standing(dirname(path));
