import { connect } from 'node:net';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import { systemTimers } from '../time/system.ts';
import type { StartOptions } from './options.ts';
import { startApi } from './server.ts';
import { type Bench, furnish, NOW_MS, openBench, reading } from './testing/bench.ts';
import { listen } from './testing/stream.ts';

describe('the running API', () => {
  let bench: Bench;
  let options: StartOptions;
  beforeEach(async () => {
    bench = await openBench();
    await furnish(bench);
    options = {
      listen: { host: '127.0.0.1', port: 0 },
      ledger: bench.ledger,
      telemetry: bench.telemetry,
      catalogue: await loadCatalogue(),
      timers: { ...systemTimers, now: () => bench.time.nowMs },
      newId: () => 'x',
      publicUrl: 'http://precall.test',
      dashboardDir: null,
      stats: () => [],
      health: () => ({ ready: true, codes: [], reasons: [] }),
      readers: () => [],
      logger: pino({ level: 'silent' }),
    };
  });
  afterEach(() => bench.close());

  it('says where it listens, and names a busy port', async () => {
    const api = await startApi(options);
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const { port } = new URL(api.url);
    const again = startApi({ ...options, listen: { host: '127.0.0.1', port: Number(port) } });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await api.close();
    await expect(fetch(`${api.url}/healthz`)).rejects.toThrow();
  });

  it('closes while somebody listens', async () => {
    const api = await startApi(options);
    const authorization = `Bearer ${await bench.token('viewer')}`;
    const stream = await listen(`${api.url}/api/v1/events`, { authorization });
    await stream.until(({ event }) => event === 'ready');
    await api.close();
    await stream.ended;
  });

  it('holds little for a listener that reads nothing, and tells it the latest when it reads again', async () => {
    const api = await startApi({ ...options, live: { readingMs: 10 } });
    const { port } = new URL(api.url);
    const token = await bench.token('viewer');
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.on('data', (part) => {
      text += part.toString();
    });
    socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
    await expect.poll(() => text).toContain('event: ready');
    socket.pause();

    const metrics = async (name: string): Promise<number> => {
      const body = await (await fetch(`${api.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(body)?.[1] ?? 0);
    };
    const wide = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`m${n}`, n]));
    const units = Array.from({ length: 40 }, (_, n) => `bay${n}`);
    // Each round tells 40 × 64 values, half a megabyte; what the kernel holds is soon full.
    let round = 0;
    while ((await metrics('precall_live_coalesced_total')) === 0) {
      round += 1;
      if (round > 400) throw new Error('the listener never became slow');
      bench.time.nowMs += 1_000;
      await bench.telemetry.write(
        units.map((unit) => reading(NOW_MS + round, { ...wide, m0: 1_000 + round }, { unit, seq: round })),
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    text = '';
    socket.resume();
    await expect.poll(() => text, { timeout: 10_000 }).toContain(`"metric":"m0"`);
    const isLatest = (): boolean => {
      const last = text.lastIndexOf('event: reading');
      return text.slice(last).includes(`"value":${1_000 + round},`);
    };
    await expect.poll(isLatest, { timeout: 10_000 }).toBe(true);
    socket.destroy();
    await api.close();
  });
});
