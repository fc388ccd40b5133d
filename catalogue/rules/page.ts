import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** Something to say about a place in the file; line and column count from 1. */
export interface Finding {
  readonly line: number;
  readonly column: number;
  /** Names the key by its path, then what is wrong and the mend. */
  readonly text: string;
}

/** A YAML file that is being read: every finding is kept, so that all are told at once. */
export interface Page {
  readonly root: Node | null;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  error(at: Node | null, path: string, text: string): void;
  warn(at: Node | null, path: string, text: string): void;
  /** What an alias stands for; other nodes are themselves. */
  resolved(node: Node | null): Node | null;
}

/** Of what is not even YAML only so much is told: the rest is mostly its consequence. */
const MOST_ERRORS = 10;

/** A path and what is said about it. */
const said = (path: string, text: string): string => (path === '' ? text : `${path}: ${text}`);

const parse = (text: string, lines: LineCounter): Document | RangeError => {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Told by path, with the other findings.
      uniqueKeys: false,
      logLevel: 'silent',
    });
  } catch (cause) {
    if (cause instanceof RangeError) return cause;
    throw cause;
  }
};

/** Reads the text as YAML 1.2. Where it isn't, the errors say so and there is no root. */
export const openPage = (text: string): Page => {
  const lines = new LineCounter();
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  const lastLine = Math.max(1, text.trimEnd().split('\n').length);

  const find = (offset: number, what: string): Finding => {
    const { line, col } = lines.linePos(offset);
    // What is missing at the end is missing in the last line that says anything.
    return line > lastLine
      ? { line: lastLine, column: 1, text: what }
      : { line: Math.max(1, line), column: Math.max(1, col), text: what };
  };
  const offsetOf = (node: Node | null): number => node?.range?.[0] ?? 0;

  const doc = parse(text, lines);
  if (doc instanceof RangeError) {
    errors.push({ line: 1, column: 1, text: 'is nested too deeply' });
  } else {
    for (const { pos, message } of [...doc.errors, ...doc.warnings].slice(0, MOST_ERRORS)) {
      const [first = ''] = message.split('\n');
      errors.push(find(pos[0], `is not YAML: ${first}`));
    }
  }
  const isWhole = !(doc instanceof RangeError) && errors.length === 0;
  return {
    root: isWhole ? (doc.contents as Node | null) : null,
    errors,
    warnings,
    error: (at, path, what) => errors.push(find(offsetOf(at), said(path, what))),
    warn: (at, path, what) => warnings.push(find(offsetOf(at), said(path, what))),
    resolved: (node) => (isAlias(node) && isWhole ? ((node.resolve(doc) as Node | null) ?? null) : node),
  };
};

/** A value as it is told to a person who wrote it. */
export const shown = (node: Node | null): string => {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  const source = node.source ?? String(node.value);
  const short = source.length > 40 ? `${source.slice(0, 40)}…` : source;
  return typeof node.value === 'string' ? JSON.stringify(short) : short;
};
