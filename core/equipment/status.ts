/** What an equipment (or its Last Will) said about itself. The newest connection wins. */
export interface StatusReport {
  readonly equipment: string;
  readonly receivedAtMs: number;
  readonly connectionId: string;
  readonly online: boolean;
  readonly model: string | null;
  readonly firmware: string | null;
}

/** `unknown` until something was heard from the equipment since the service first saw it. */
export type Online = 'online' | 'offline' | 'unknown';

/** How a machine is, worst of its active alerts. `unknown` where nothing has been heard. */
export type Health = 'normal' | 'watch' | 'due' | 'down' | 'unknown';
