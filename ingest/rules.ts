import type { Rules } from '../core/rules/rules.ts';
import type { Ledger, LedgerNouns } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';
import { putRulesNote, type RulesNote, rulesNote } from '../store/rules-note.ts';
import type { Problem } from './reader.ts';

/** What the file says; `rules` and `version` are null where there are errors. */
export interface SaidRules {
  readonly version: string | null;
  readonly rules: Rules | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Where rules come from; see catalogue/rules/source.ts. */
export interface RulesSource {
  /** Null: there is no file, the defaults hold. */
  readonly file: string | null;
  /** As it was when the service started, without errors. */
  readonly first: SaidRules;
  readonly firstStamp: string | null;
  read(): Promise<SaidRules>;
  /** Changes whenever the file does; null where there is none. */
  stamp(): Promise<string | null>;
}

export interface RulesKeeperOptions {
  readonly log: Pick<Log, 'append' | 'id'>;
  readonly ledger: Pick<Ledger, 'transaction' | 'settings'>;
  /** Unix ms. */
  readonly clock: () => number;
  readonly source: RulesSource;
  /** What the watcher judges by, and how far it has read the log; null while there is none. */
  readonly held: () => { readonly version: string; readonly offset: number } | null;
  readonly onProblem: (problem: Problem) => void;
  /** What the file says can be, but was hardly meant. */
  readonly onWarning: (line: string) => void;
}

export interface RulesKeeper {
  /** To be called every second or so: takes up a changed file, and says again what the log has lost. */
  look(): Promise<void>;
  /** Reads the file now, changed or not. */
  reload(): Promise<void>;
  stats(): {
    readonly told: number;
    readonly refused: number;
    readonly now: { readonly refusing: boolean; readonly overrides: number; readonly warnings: number };
  };
}

/** What the engine did not take is told again after so long, not as fast as it can be refused. */
const AGAIN_MS = 60_000;

type Good = SaidRules & { readonly version: string; readonly rules: Rules };
const isGood = (said: SaidRules): said is Good => said.rules !== null && said.version !== null;

const audit = (tx: LedgerNouns, atMs: number, action: string, subject: string, detail: object) =>
  tx.audit.add({ atMs, actor: 'system', action, subject, detail: { ...detail } });

/**
 * Keeps the log's newest rules those of the file: the engine knows only what is in the log, so that a replay judges
 * every record by the rules that held then. A file that can't be is refused, and the rules before it stay.
 * Tells them when it starts, where they differ from what was told last; a full log is told them later.
 */
export const startRulesKeeper = async (options: RulesKeeperOptions): Promise<RulesKeeper> => {
  const { log, ledger, clock, source, held, onProblem, onWarning } = options;
  let wanted = source.first as Good;
  let seen = source.firstStamp;
  let unsettled: string | null = null;
  let note: RulesNote | null = await rulesNote(ledger);
  let told = 0;
  let refused = 0;
  let refusal: RulesNote['refused'] = null;
  let turn: Promise<void> = Promise.resolve();

  const about = () => ({ file: source.file, warnings: wanted.warnings, refused: refusal });

  const tell = async (): Promise<void> => {
    const { version, rules } = wanted;
    const atMs = clock();
    const control = { type: 'rules', version, rules } as const;
    const offset = await log.append({ kind: 'control', receivedAtMs: atMs, control });
    const next: RulesNote = { log: log.id, offset, version, rules, toldAtMs: atMs, ...about() };
    await ledger.transaction(async (tx) => {
      // As it is stored: of the last time that this was told nobody may have heard whether it was kept.
      const before = (await rulesNote(tx))?.version ?? null;
      await putRulesNote(tx, next);
      if (before !== version) await audit(tx, atMs, 'rules.changed', version, { before, file: source.file });
    });
    note = next;
    told += 1;
  };

  /** The watcher has read past what was told and judges by something else: a ledger older than the log was put back. */
  const isLost = (known: RulesNote): boolean => {
    const now = held();
    const isPast = now !== null && now.offset >= known.offset && now.version !== known.version;
    return isPast && clock() - known.toldAtMs >= AGAIN_MS;
  };

  const settle = async (): Promise<void> => {
    if (note === null || note.log !== log.id || note.version !== wanted.version || isLost(note)) {
      await tell();
      return;
    }
    const { file, warnings, refused: was } = note;
    if (JSON.stringify({ file, warnings, refused: was }) === JSON.stringify(about())) return;
    const next = { ...note, ...about() };
    await putRulesNote(ledger, next);
    note = next;
  };

  const refuse = async (errors: readonly string[]): Promise<void> => {
    refused += 1;
    refusal = { atMs: clock(), errors };
    onProblem({
      what: 'the rules file is refused: the rules before it stay',
      error: new Error(errors.join('\n')),
    });
    await ledger.transaction((tx) =>
      audit(tx, clock(), 'rules.refused', source.file ?? '', { errors: errors.length }),
    );
    await settle();
  };

  const take = async (stamp: string | null): Promise<void> => {
    const said = await source.read();
    seen = stamp;
    if (!isGood(said)) return refuse(said.errors);
    wanted = said;
    refusal = null;
    wanted.warnings.forEach(onWarning);
    await settle();
  };

  const look = async (): Promise<void> => {
    if (source.file !== null) {
      const stamp = await source.stamp();
      // Seen twice alike before it is read: an editor may be in the middle of writing it.
      const isSettled = stamp === unsettled;
      unsettled = stamp;
      if (stamp !== seen && isSettled) return take(stamp);
    }
    await settle();
  };

  /** One after the other: a signal may come while the file is being looked at. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  wanted.warnings.forEach(onWarning);
  await settle().catch((error: Error) => {
    if (error.name !== 'LogFullError') throw error;
    onProblem({ what: 'the rules could not be told to the log; they are told when it has room', error });
  });
  return {
    look: () => inTurn(look),
    reload: () => inTurn(async () => take(await source.stamp())),
    stats: () => ({
      told,
      refused,
      now: {
        refusing: refusal !== null,
        overrides: wanted.rules.overrides.length,
        warnings: wanted.warnings.length,
      },
    }),
  };
};
