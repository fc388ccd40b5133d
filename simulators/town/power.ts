import type { Resident } from './resident.ts';

/** From power to the first connection, ms: a controller boots. */
const BOOT_MS = 1_500;

/** The mains of a machine are gone: its last words may still go out; then it is silent, and so is its line. */
export const powerLost = ({ machine, link, voice, say, lines }: Resident, nowMs: number): void => {
  if (!lines.power) return;
  const { emissions, keepsUnsent } = machine.powerLost(nowMs);
  say(emissions, null);
  voice.flush();
  lines.power = false;
  link.cut();
  if (!keepsUnsent) link.forget();
};

/** The mains are back: it boots, connects, and counts from 1 again. */
export const powerBack = (resident: Resident, nowMs: number): void => {
  const { machine, link, voice, say, lines } = resident;
  const restart = machine.powerBack(nowMs);
  if (!restart) return;
  lines.power = true;
  voice.restart();
  if (lines.network) link.restore(BOOT_MS, restart.firmware);
  say(restart.emissions, null);
  voice.flush();
};

/** New firmware is loaded: the machine starts anew. Without power nothing happens. */
export const updated = ({ machine, link, voice, say, lines }: Resident, to: string, nowMs: number): void => {
  const restart = machine.update(to, nowMs);
  if (!restart) return;
  voice.flush();
  voice.restart();
  if (lines.network) link.restore(BOOT_MS, restart.firmware);
  say(restart.emissions, null);
  voice.flush();
};

/** The line to the service is dead; the machine works on and keeps what it can. */
export const networkLost = ({ link, lines }: Resident): void => {
  lines.network = false;
  link.cut();
};

export const networkBack = ({ machine, link, lines }: Resident, delayMs: number): void => {
  lines.network = true;
  if (lines.power) link.restore(delayMs, machine.firmware);
};
