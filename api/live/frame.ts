/** One server-sent event, ready to be written. */
export interface Frame {
  /** While a client is slow, a later frame of the same key takes the place of the earlier one. */
  readonly key: string;
  /** The machine that it is about, for `?equipment=`. */
  readonly equipment: string;
  readonly event: 'reading' | 'alert' | 'ticket' | 'equipment' | 'notice' | 'reset';
  /** Only for inboxes that hold this audience; absent: for everybody. */
  readonly audience?: string;
  readonly text: string;
}

/** Whether somebody who listens to these machines, with this inbox, is told. */
export const concerns = (
  frame: Frame,
  listener: { readonly equipment: ReadonlySet<string> | null; readonly audiences: ReadonlySet<string> },
): boolean =>
  (listener.equipment === null || listener.equipment.has(frame.equipment)) &&
  (frame.audience === undefined || listener.audiences.has(frame.audience));

/**
 * The event in the format of the HTML standard (§9.2). Only events of the ledger carry an id: resuming
 * goes by the ledger's changes, readings go on with the latest.
 */
export const eventText = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Why a client must read everything anew: its cursor is of another ledger, or it missed too much to be told. */
export type ResetReason = 'unknown-cursor' | 'missed-too-much';

export const resetText = (reason: ResetReason, id?: string): string => eventText('reset', { reason }, id);

const RESETS: Readonly<Record<string, ResetReason>> = {
  CursorError: 'unknown-cursor',
  ChangesLostError: 'missed-too-much',
};

/** What an error of the ledger's `changes` means for whoever follows; null: try again. */
export const resetReasonOf = (error: unknown): ResetReason | null =>
  (error instanceof Error ? RESETS[error.name] : undefined) ?? null;

export const HEARTBEAT = ': still here\n\n';
