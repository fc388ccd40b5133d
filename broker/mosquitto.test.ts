import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SECRET, SITE, startBench, topic, until } from './testing/bench.ts';

const run = promisify(execFile);
const installed = ['mosquitto_pub', 'mosquitto_sub'].every((name) => !spawnSync(name, ['--help']).error);

/** A foreign client in C: what it says and how it fails is not ours. */
const as = (id: string, port: number, secret = SECRET): readonly string[] => [
  ...['-h', '127.0.0.1', '-p', String(port), '-V', '311'],
  ...['-i', id, '-u', id, '-P', secret],
];

if (!installed && process.env.CI === 'true')
  it('finds the mosquitto clients', () => {
    throw new Error('mosquitto_pub and mosquitto_sub are missing: apt-get install mosquitto-clients');
  });

describe.skipIf(!installed)(
  installed ? 'mosquitto clients' : 'mosquitto clients (skipped: mosquitto_pub is not installed)',
  () => {
    for (const qos of ['0', '1', '2'])
      it(`publish a fault at QoS ${qos}`, async () => {
        const { broker, log } = await startBench();
        const fault = '{"code":"G06","active":true}';
        await run('mosquitto_pub', [
          ...as('G-1', broker.port),
          ...['-q', qos, '-t', topic('G-1', 'fault'), '-m', fault],
        ]);
        await until('the fault', () => log.texts('fault').length === 1);
        expect(log.texts('fault')).toEqual([fault]);
      });

    it('publish many lines, each once', async () => {
      const { broker, log } = await startBench();
      const lines = Array.from({ length: 500 }, (_, n) => `line ${n}`);
      const sent = run('mosquitto_pub', [
        ...as('G-1', broker.port),
        '-q',
        '1',
        '-l',
        '-t',
        topic('G-1', 'telemetry'),
      ]);
      sent.child.stdin?.end(`${lines.join('\n')}\n`);
      await sent;
      expect(log.texts('telemetry')).toEqual(lines);
    });

    it('are refused with words', async () => {
      const { broker } = await startBench();
      const send = (...args: readonly string[]) => run('mosquitto_pub', [...args, '-q', '1', '-m', 'x']);
      await expect(send(...as('G-1', broker.port, 'wrong'), '-t', topic('G-1', 'fault'))).rejects.toThrow(
        /bad user name or password/i,
      );
      await expect(send(...as('G-1', broker.port), '-t', topic('G-2', 'fault'))).rejects.toThrow(
        /connection|error/i,
      );
      const five = as('G-1', broker.port).map((arg) => (arg === '311' ? '5' : arg));
      await expect(send(...five, '-t', topic('G-1', 'fault'))).rejects.toThrow(/protocol/i);
      expect(broker.stats().refused).toMatchObject({
        'wrong-secret': 1,
        'topic-not-own': 1,
        'protocol-version': 1,
      });
    });

    it('hear of a repair', async () => {
      const { broker, ledger } = await startBench();
      const heard = run('mosquitto_sub', [
        ...as('G-1', broker.port),
        ...['-q', '1', '-C', '1', '-W', '10', '-t', topic('G-1', 'service')],
      ]);
      await until('the subscription', () => broker.stats().now.subscriptions === 1);
      ledger.resolve({
        id: 'T-1',
        equipment: 'G-1',
        site: SITE,
        unit: 'bay7',
        resolvedAtMs: 1_767_225_600_000,
      });
      expect(JSON.parse((await heard).stdout)).toEqual({
        component: 'hoist',
        unit: 'bay7',
        repairedAt: 1_767_225_600_000,
        ticket: 'T-1',
      });
    });
  },
);
