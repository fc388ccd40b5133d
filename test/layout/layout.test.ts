import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Holds the code to the table in ARCHITECTURE.md, "Who may import whom", and to a few rules of style. */
const root = fileURLToPath(new URL('../../', import.meta.url));

const sources = globSync(
  [
    '*.ts',
    '{time,core,catalogue,broker,ingest,store,dispatch,api,dashboard,simulators,commands,test}/**/*.{ts,tsx}',
  ],
  {
    cwd: root,
    exclude: (path) => /node_modules|dist\//.test(path),
  },
);

const isTest = (path: string): boolean =>
  /\.(test|suite|bench)\.tsx?$/.test(path) || /(^|\/)testing\//.test(path) || path.startsWith('test/');

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

const importsOf = (code: string): string[] =>
  [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');

/** `store/contracts` is what stands directly in store/; otherwise the first folder, or the file itself at the top. */
const placesOf = (path: string): string[] => {
  const parts = path.split('/');
  if (parts.length === 1) return [path];
  const places = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
  return parts[0] === 'store' && parts.length === 2 ? ['store', 'store/contracts'] : places;
};

const readTable = (markdown: string): Map<string, string[]> => {
  const section = markdown.split('## Who may import whom')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => /^\| [a-z]/.test(line) && !line.startsWith('| folder'));
  return new Map(
    rows.map((line) => {
      const [, folder = '', may = ''] = line.split('|').map((cell) => cell.trim());
      return [
        folder.replaceAll('`', ''),
        may
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean),
      ];
    }),
  );
};

const TIMER =
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|AbortSignal\.timeout)(?=\s*\()|'(?:node:timers(?:\/promises)?|timers\/promises)'|\b(?:async|asap|queue|animationFrame)Scheduler\b/g;
const TIMED_OPERATOR =
  /\b(?:interval|timer|delay|timeout|timeoutWith|timeInterval|timestamp|(?:audit|buffer|debounce|sample|throttle|window)Time)\(/g;

/** From the opening parenthesis before `start` to the one that closes it. */
const argumentsAt = (code: string, start: number): string => {
  let depth = 1;
  let end = start;
  for (; end < code.length && depth > 0; end++) depth += { '(': 1, ')': -1 }[code[end] as '(' | ')'] ?? 0;
  return code.slice(start, end);
};

/** What of this code waits by the machine's own timers, RxJS' default ones included. */
const ownTimers = (code: string): string[] => {
  const bare = [...code.matchAll(TIMER)].map(([found]) => found);
  if (!/from 'rxjs'/.test(code)) return bare;
  const timed = [...code.matchAll(TIMED_OPERATOR)]
    .map((match) => match[0] + argumentsAt(code, match.index + match[0].length))
    .filter((call) => !/scheduler/i.test(call));
  return [...bare, ...timed];
};

const table = readTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));

const offence = (path: string, specifier: string): string | null => {
  if (!specifier.startsWith('.')) return null;
  const target = relative(root, normalize(join(root, dirname(path), specifier)));
  const [from = ''] = path.split('/');
  const allowed = table.get(from);
  const places = placesOf(target);
  if (places[0] === from || allowed?.includes('*')) return null;
  if (allowed?.some((name) => places.includes(name))) return null;
  return `${path} imports ${target}`;
};

describe('layout', () => {
  test('the table names every folder that holds code', () => {
    const folders = new Set(
      sources
        .filter((path) => path.includes('/') && !path.startsWith('test/'))
        .map((path) => path.split('/')[0]),
    );
    expect([...folders].sort()).toEqual([...table.keys()].filter((name) => folders.has(name)).sort());
    expect(table.size).toBeGreaterThan(8);
  });

  test('imports go one way', () => {
    const offences = sources
      .filter((path) => path.includes('/') && !isTest(path))
      .flatMap((path) =>
        importsOf(readFileSync(join(root, path), 'utf8')).map((specifier) => offence(path, specifier)),
      )
      .filter((found) => found !== null);
    expect(offences).toEqual([]);
  });

  test('only main.ts, commands and tests import app.ts', () => {
    const importers = sources
      .filter((path) => !isTest(path) && path !== 'main.ts' && !path.startsWith('commands/'))
      .filter((path) =>
        importsOf(readFileSync(join(root, path), 'utf8')).some((specifier) =>
          /(^|\/)app\.ts$/.test(specifier),
        ),
      );
    expect(importers).toEqual([]);
  });

  test('the rule would catch an offender', () => {
    expect(offence('core/alert/x.ts', '../../store/log.ts')).toBe('core/alert/x.ts imports store/log.ts');
    expect(offence('ingest/x.ts', '../dispatch/desk.ts')).toContain('dispatch/desk.ts');
    expect(offence('ingest/x.ts', '../store/sqlite/log.ts')).toContain('store/sqlite');
    expect(offence('ingest/x.ts', '../store/log.ts')).toBeNull();
    expect(
      importsOf("import type { A } from './a.ts';\nexport * from '../b.ts'; await import('./c.ts')"),
    ).toEqual(['./a.ts', '../b.ts', './c.ts']);
  });
});

describe('style', () => {
  const core = sources.filter((path) => path.startsWith('core/') && !isTest(path));

  test('core is pure: no clock, no chance, no I/O, nothing asynchronous', () => {
    const impure =
      /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\)|\basync\b|\bawait\b|from 'node:|\bsetTimeout\b|\bfetch\(/;
    const withoutComments = (code: string): string =>
      code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    expect(core.length).toBeGreaterThan(10);
    expect(
      core.filter((path) => impure.test(withoutComments(readFileSync(join(root, path), 'utf8')))),
    ).toEqual([]);
  });

  test('no folder is a drawer for everything', () => {
    expect(sources.filter((path) => /(^|\/)(utils?|helpers?|types|common|misc)\//.test(path))).toEqual([]);
  });

  test('files stay small enough to hold one thing', () => {
    const long = sources.filter(
      (path) => !isTest(path) && readFileSync(join(root, path), 'utf8').split('\n').length > 400,
    );
    expect(long).toEqual([]);
  });

  test('the clock is read at the edge only', () => {
    const edge = /^(app|main)\.ts$|^time\/(system|awake)\.ts$|^commands\/|^simulators\/|^dashboard\//;
    const readers = sources.filter(
      (path) =>
        !isTest(path) && !edge.test(path) && /\bDate\.now\(\)/.test(readFileSync(join(root, path), 'utf8')),
    );
    expect(readers).toEqual([]);
  });

  test('time is an argument: nothing waits by timers of its own', () => {
    const parts = sources.filter(
      (path) => /^(core|broker|ingest|dispatch|api|app\.ts$)/.test(path) && !isTest(path),
    );
    expect(
      parts.flatMap((path) =>
        ownTimers(readFileSync(join(root, path), 'utf8')).map((found) => `${path}: ${found}`),
      ),
    ).toEqual([]);
    expect(ownTimers('const t = setTimeout(wake, 5);')).toEqual(['setTimeout']);
    expect(ownTimers("import { setTimeout as sleep } from 'node:timers/promises';")).toEqual([
      "'node:timers/promises'",
    ]);
    const rx = "import { interval, timer } from 'rxjs';\n";
    expect(ownTimers(`${rx}interval(5).pipe(map(() => timer(f(1), scheduler)))`)).toEqual(['interval(5)']);
    expect(ownTimers(`${rx}interval(5, scheduler)`)).toEqual([]);
    expect(ownTimers("import { asyncScheduler } from 'rxjs';")).toEqual(['asyncScheduler']);
  });
});
