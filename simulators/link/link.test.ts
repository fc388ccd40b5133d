import { afterEach, describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { startTestBroker, type TestBroker, until } from '../testing/broker.ts';
import { createLink, type Link, type LinkOptions } from './link.ts';
import { createMeter, type Meter } from './meter.ts';

const brokers: TestBroker[] = [];
const links: Link[] = [];

const broker = async (password?: string, port?: number): Promise<TestBroker> => {
  const one = await startTestBroker(password, port);
  brokers.push(one);
  return one;
};

const link = (url: string, options: Partial<LinkOptions> = {}): { link: Link; meter: Meter } => {
  const meter = createMeter(() => performance.now());
  const one = createLink({
    url,
    id: 'garage-1',
    site: 'wulin',
    secret: 'right',
    model: 'PSH-7',
    firmware: 'f1',
    window: 4,
    queue: 100,
    random: stream(1, 'link'),
    meter,
    onService: () => {},
    ...options,
  });
  links.push(one);
  return { link: one, meter };
};

afterEach(async () => {
  await Promise.all(links.splice(0).map((one) => one.stop(50)));
  await Promise.all(brokers.splice(0).map((one) => one.close()));
});

const said = ({ heard }: TestBroker, kind: string): string[] =>
  heard.filter(({ topic }) => topic === `v1/wulin/garage-1/${kind}`).map(({ payload }) => payload);

describe('a link', () => {
  it('says that it is online, under its own name, with model and firmware, retained', async () => {
    const server = await broker('right');
    link(server.url);
    await until('status', () => server.heard.length > 0);
    expect(server.heard[0]).toEqual({
      client: 'garage-1',
      topic: 'v1/wulin/garage-1/status',
      payload: '{"online":true,"model":"PSH-7","firmware":"f1"}',
      retain: true,
      dup: false,
    });
  });

  it('says offline when it is stopped; its will says so when it is cut off', async () => {
    const server = await broker();
    const { link: one } = link(server.url);
    await until('status', () => said(server, 'status').length === 1);
    server.cut();
    await until('will and return', () => said(server, 'status').length >= 3);
    expect(said(server, 'status').map((text) => JSON.parse(text).online)).toEqual([true, false, true]);
    await one.stop(1_000);
    expect(JSON.parse(said(server, 'status').at(-1) ?? '').online).toBe(false);
    expect(said(server, 'status')).toHaveLength(4);
  });

  it('sends what was not acknowledged again, in order, and counts each acknowledged reading once', async () => {
    const server = await broker();
    const { link: one, meter } = link(server.url);
    await until('up', () => one.connected);
    server.mute(true);
    for (let n = 0; n < 10; n++) one.send('telemetry', `{"n":${n}}`, 1, [performance.now()]);
    await until('a full window', () => said(server, 'telemetry').length === 4);
    expect(meter.figures()).toMatchObject({ sent: 10, acked: 0 });
    server.mute(false);
    server.cut();
    await one.drained();
    expect(meter.figures()).toMatchObject({ sent: 10, acked: 10, reconnects: 1, dropped: 0 });
    expect(said(server, 'telemetry').slice(4)).toEqual(Array.from({ length: 10 }, (_, n) => `{"n":${n}}`));
    expect(meter.figures().p99Ms).toBeGreaterThan(0);
  });

  it('never has more than its window in flight, and tells when there is room', async () => {
    const server = await broker();
    const { link: one } = link(server.url);
    await until('up', () => one.connected);
    server.mute(true);
    for (let n = 0; n < 20; n++) one.send('telemetry', `${n}`, 1, []);
    let hasRoom = false;
    void one.room().then(() => {
      hasRoom = true;
    });
    await until('a full window', () => said(server, 'telemetry').length === 4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said(server, 'telemetry')).toHaveLength(4);
    expect(hasRoom).toBe(false);
    server.mute(false);
    server.cut();
    await until('room', () => hasRoom);
  });

  it('loses the oldest beyond its queue, and counts them', async () => {
    const { link: one, meter } = link('mqtt://127.0.0.1:1', { queue: 5 });
    for (let n = 0; n < 8; n++) one.send('telemetry', `${n}`, 2, []);
    expect(meter.figures()).toMatchObject({ sent: 16, dropped: 6, acked: 0 });
    await one.stop(10);
  });

  it('waits for a service that comes later, and says how to mend that it is not there', async () => {
    const first = await startTestBroker();
    const port = Number(new URL(first.url).port);
    await first.close();
    const { link: one, meter } = link(first.url);
    one.send('telemetry', 'early', 1, []);
    await until('an error', () => meter.figures().errors > 0);
    expect(meter.figures().lastError).toBe(
      `${first.url} can't be reached (nothing listens there): start the service there or give its address with --url`,
    );
    const server = await broker(undefined, port);
    await one.drained();
    expect(said(server, 'telemetry')).toEqual(['early']);
  });

  it('says when its secret is wrong, without saying the secret', async () => {
    const server = await broker('right');
    const { meter } = link(server.url, { secret: 'hunter2' });
    await until('refusal', () => meter.figures().lastError !== null);
    expect(meter.figures().lastError).toContain('refuses garage-1 (unknown equipment or wrong secret)');
    expect(meter.figures().lastError).not.toContain('hunter2');
    expect(meter.figures().connected).toBe(0);
  });

  it('sends a copy with DUP, which counts no reading', async () => {
    const server = await broker();
    const { link: one, meter } = link(server.url);
    one.send('telemetry', '{"seq":1}', 1, []);
    one.resend('telemetry', '{"seq":1}');
    await one.drained();
    const copies = server.heard.filter(({ topic }) => topic.endsWith('/telemetry'));
    expect(copies.map(({ payload, dup }) => [payload, dup])).toEqual([
      ['{"seq":1}', false],
      ['{"seq":1}', true],
    ]);
    expect(meter.figures()).toMatchObject({ sent: 1, acked: 1 });
  });

  it('flaps: the last will comes before it is back, or, where nobody noticed, not before', async () => {
    const server = await broker();
    const { link: one, meter } = link(server.url);
    const online = (): boolean[] => said(server, 'status').map((text) => JSON.parse(text).online);
    await until('up', () => online().length === 1);
    one.flap(true);
    await until('back', () => one.connected && online().length === 3);
    expect(online()).toEqual([true, false, true]);
    const willAt: number[] = [];
    one.flap(false);
    const flappedMs = performance.now();
    expect(one.connected).toBe(false);
    await until('will', () => {
      if (willAt.length === 0 && online().slice(3).includes(false)) willAt.push(performance.now());
      return willAt.length > 0 && one.connected && online().slice(3).includes(true);
    });
    // Only when the machine connects again does the broker give the old connection up.
    expect((willAt[0] ?? 0) - flappedMs).toBeGreaterThan(100);
    expect(meter.figures()).toMatchObject({ reconnects: 2, errors: 0, connected: 1 });
  });

  it('hears papers of the service', async () => {
    const server = await broker();
    const papers: string[] = [];
    const { link: one } = link(server.url, {
      onService: (payload) => papers.push(Buffer.from(payload).toString()),
    });
    await until('up', () => one.connected);
    await until('paper', () => {
      server.say('v1/wulin/garage-1/service', '{"component":"hoist"}');
      return papers.length > 0;
    });
    expect(papers[0]).toBe('{"component":"hoist"}');
  });
});
