import { expect, test } from 'vitest';
import { type ServerEvent, sseReader } from './sse.ts';

const read = (chunks: readonly string[]): { events: ServerEvent[]; retries: number[] } => {
  const events: ServerEvent[] = [];
  const retries: number[] = [];
  const feed = sseReader(
    (event) => events.push(event),
    (ms) => retries.push(ms),
  );
  for (const chunk of chunks) feed(chunk);
  return { events, retries };
};

const STREAM =
  ': hello\r\nretry: 2500\r\n\r\nid: 7\nevent: ticket\ndata: {"a":\ndata: 1}\n\nevent: alert\ndata:x\n\n\nid: 8\n\n';

test('reads events, joined data, comments and retry; keeps the last id', () => {
  const { events, retries } = read([STREAM]);
  expect(events).toEqual([
    { id: '7', event: 'ticket', data: '{"a":\n1}' },
    { id: '7', event: 'alert', data: 'x' },
  ]);
  expect(retries).toEqual([2500]);
});

test('does not care where the stream is cut', () => {
  const whole = read([STREAM]);
  expect(read([...STREAM])).toEqual(whole);
  for (let at = 1; at < STREAM.length; at++)
    expect(read([STREAM.slice(0, at), STREAM.slice(at)])).toEqual(whole);
});

test('gives up on an endless line', () => {
  expect(() => read([`data: ${'x'.repeat(5 * 1024 * 1024)}`])).toThrow('longer than');
});
