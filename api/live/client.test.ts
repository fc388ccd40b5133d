import { describe, expect, it } from 'vitest';
import { type EndReason, newClient, type Sink } from './client.ts';
import type { Frame } from './frame.ts';
import { newDirty } from './readings.ts';

const frame = (event: Frame['event'], id: string, text: string): Frame => ({
  ...{ key: `${event}:${id}`, equipment: id, event, text },
});

/** A listener that takes `room` writes and then is full until it drains. */
const listener = (room: number, maxPending = 3) => {
  const taken: string[] = [];
  let left = room;
  let drained = (): void => {};
  const sink: Sink = {
    write: (text) => {
      taken.push(text);
      left -= 1;
      return left > 0;
    },
    onDrain: (given) => {
      drained = given;
    },
    end: () => void taken.push('END'),
  };
  const counters = { coalesced: 0, dropped: 0 };
  const reasons: EndReason[] = [];
  const time = { nowMs: 0 };
  const client = newClient(sink, {
    ...{ maxPending, counters },
    clock: () => time.nowMs,
    onEnd: (reason) => void reasons.push(reason),
  });
  const drain = (more: number): void => {
    left = more;
    drained();
  };
  return { client, taken, counters, reasons, time, drain };
};

describe('a listener', () => {
  it('that keeps up gets everything', () => {
    const { client, taken } = listener(100);
    client.goLive();
    for (const text of ['1', '2', '3']) client.send(frame('reading', 'g1', text));
    expect(taken).toEqual(['1', '2', '3']);
  });

  it('that is slow gets the latest of each, in the order of the latest', () => {
    const { client, taken, counters, drain } = listener(1);
    client.goLive();
    client.send(frame('reading', 'g1', 'first'));
    client.send(frame('reading', 'g1', 'g1 old'));
    client.send(frame('ticket', 't1', 'ticket'));
    client.send(frame('reading', 'g1', 'g1 new'));
    expect(taken).toEqual(['first']);
    drain(100);
    expect(taken).toEqual(['first', 'ticket', 'g1 new']);
    expect(counters).toEqual({ coalesced: 1, dropped: 0 });
  });

  it('that is slow again while it takes what was kept keeps the rest', () => {
    const { client, taken, drain } = listener(1);
    client.goLive();
    client.send(frame('reading', 'g0', '0'));
    for (const id of ['g1', 'g2', 'g3']) client.send(frame('reading', id, id));
    drain(2);
    expect(taken).toEqual(['0', 'g1', 'g2']);
    drain(100);
    expect(taken).toEqual(['0', 'g1', 'g2', 'g3']);
  });

  it('that is full loses readings first, and is let go before it would miss more', () => {
    const { client, taken, counters, reasons } = listener(1, 2);
    client.goLive();
    client.send(frame('reading', 'g0', '0'));
    client.send(frame('reading', 'g1', 'g1'));
    client.send(frame('ticket', 't1', 't1'));
    client.send(frame('ticket', 't2', 't2'));
    expect([counters.dropped, client.ended()]).toEqual([1, null]);
    client.send(frame('alert', 'a1', 'a1'));
    expect([reasons, taken.at(-1)]).toEqual([['overflow'], 'END']);
    client.send(frame('alert', 'a1', 'late'));
    client.end('left');
    expect(reasons).toEqual(['overflow']);
  });

  it('that catches up gets what it missed first', async () => {
    const { client, taken } = listener(100);
    client.send(frame('ticket', 't1', 'live'));
    await client.replay('missed');
    expect(taken).toEqual(['missed']);
    client.goLive();
    expect(taken).toEqual(['missed', 'live']);
  });

  it('that is slow while it catches up is waited for', async () => {
    const { client, taken, drain } = listener(1);
    let isDone = false;
    const replayed = client.replay('1').then(() => {
      isDone = true;
    });
    await Promise.resolve();
    expect(isDone).toBe(false);
    drain(5);
    await replayed;
    await client.replay('2');
    expect(taken).toEqual(['1', '2']);
  });

  it('that takes nothing gets no heartbeats, and says for how long', () => {
    const { client, taken, time, drain } = listener(1);
    client.goLive();
    client.heartbeat('beat');
    time.nowMs = 5_000;
    client.heartbeat('beat');
    expect([taken, client.blockedMs(time.nowMs)]).toEqual([['beat'], 5_000]);
    drain(5);
    expect(client.blockedMs(time.nowMs)).toBe(0);
  });
});

describe('machines with news', () => {
  it('are told at most once in a while each', () => {
    const dirty = newDirty(1_000, 100);
    dirty.mark(['a', 'b']);
    expect(dirty.take(0, 10)).toEqual(['a', 'b']);
    dirty.mark(['a', 'c']);
    expect(dirty.take(500, 10)).toEqual(['c']);
    expect(dirty.take(999, 10)).toEqual([]);
    expect(dirty.take(1_000, 10)).toEqual(['a']);
    expect(dirty.take(9_000, 10)).toEqual([]);
  });

  it('are taken in rounds of a bounded size, and wait in a bounded number', () => {
    const dirty = newDirty(1_000, 3);
    dirty.mark(['a', 'b', 'c', 'd', 'a']);
    expect(dirty.overflowed()).toBe(1);
    expect([dirty.take(0, 2), dirty.take(0, 2)]).toEqual([['a', 'b'], ['c']]);
  });
});
