/** One server-sent event, ready to be written. */
export interface Frame {
  /** While a client is slow, a later frame of the same key takes the place of the earlier one. */
  readonly key: string;
  /** The machine that it is about, for `?equipment=`. */
  readonly equipment: string;
  readonly event: 'reading' | 'alert' | 'ticket' | 'equipment';
  readonly text: string;
}

/**
 * The event in the format of the HTML standard (§9.2). Only events of the ledger carry an id: resuming
 * goes by the ledger's changes, readings go on with the latest.
 */
export const eventText = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export const HEARTBEAT = ': still here\n\n';
