import { MAX_PACKET_BYTES, MAX_READINGS_PER_MESSAGE } from '../../core/telemetry/limits.ts';
import type { Emission, SentReading } from '../machine.ts';
import type { Link } from './link.ts';

/** Puts what a machine says into messages: `seq` grows, readings are gathered until `flush`. */
export interface Voice {
  /** `dueMs`: when it should have been said, by the meter's clock; null where nobody measures. */
  say(emission: Emission, dueMs: number | null): void;
  flush(): void;
  /** The machine started anew: `seq` begins at 1 again. What was gathered is lost, as it wasn't sent. */
  restart(): void;
}

/** Leaves room for the topic and the header. ASCII only, so characters are bytes. */
const MAX_BYTES = MAX_PACKET_BYTES - 4 * 1024;

const named = (unit: string): { unit?: string } => (unit === '' ? {} : { unit });

const encodeReading = ({ tsMs, unit, values }: SentReading, seq: number): string =>
  JSON.stringify({ ts: tsMs, seq, ...named(unit), values });

export const createVoice = (link: Link): Voice => {
  let seq = 0;
  let gathered: string[] = [];
  let bytes = 0;
  let due: number[] = [];

  const flush = (): void => {
    if (gathered.length === 0) return;
    const payload = gathered.length === 1 ? (gathered[0] as string) : `[${gathered.join(',')}]`;
    link.send('telemetry', payload, gathered.length, due);
    gathered = [];
    bytes = 0;
    due = [];
  };

  const gather = (reading: SentReading, dueMs: number | null): void => {
    const encoded = encodeReading(reading, seq);
    if (gathered.length === MAX_READINGS_PER_MESSAGE || bytes + encoded.length + 2 > MAX_BYTES) flush();
    gathered.push(encoded);
    bytes += encoded.length + 1;
    if (dueMs !== null) due.push(dueMs);
  };

  return {
    say: (emission, dueMs) => {
      seq += 1;
      if (emission.kind === 'reading') return gather(emission, dueMs);
      flush();
      const { tsMs, unit, code, active, detail } = emission;
      const fault = JSON.stringify({ ts: tsMs, seq, ...named(unit), code, active, detail });
      link.send('fault', fault, 1, dueMs === null ? [] : [dueMs]);
    },
    flush,
    restart: () => {
      seq = 0;
      gathered = [];
      bytes = 0;
      due = [];
    },
  };
};
