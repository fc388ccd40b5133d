import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Language } from '../core/notice/message.ts';
import type { ChannelAudience } from '../core/notice/notice.ts';
import {
  DEFAULT_PER_MINUTE,
  MAX_CHANNELS,
  settingProblem,
  shownUrl,
  testNotice,
} from '../core/notice/settings.ts';
import type { Ledger, LedgerNouns } from '../store/ledger.ts';
import type { Channel, ChannelSettings, Delivery } from '../store/notices.ts';
import { everyRow } from '../store/rows.ts';
import { newSigningSecret } from '../store/secret.ts';
import { Failure } from './failure.ts';
import { operator, withLedger } from './ledger.ts';

/** A test that nobody sent in this time waits for a service that does not run. */
const TEST_MS = 20_000;
const LOOK_MS = 200;

const whole = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number)) throw new InvalidArgumentError('give a whole number');
  return number;
};

const audit = (tx: LedgerNouns, action: string, channel: ChannelSettings, atMs: number): Promise<void> =>
  tx.audit.add({
    atMs,
    actor: operator(),
    action: `channel.${action}`,
    subject: channel.id,
    detail: { audience: channel.audience, host: new URL(channel.url).host, disabled: channel.disabled },
  });

interface AddOptions {
  readonly url: string;
  readonly to: string;
  readonly language: Language;
  readonly perMinute: number;
  readonly json?: boolean;
}

const add = new Command('add')
  .description('add a webhook, and print once the secret that it signs with')
  .argument('<id>', 'channel id')
  .requiredOption('--url <url>', 'required: where messages are posted, https: or http:')
  .requiredOption(
    '--to <audience>',
    'required: whom it tells: dispatcher, admin, attendant, crew:ID, station:ID, site:ID, all',
  )
  .addOption(new Option('--language <language>', 'of the text').choices(['en', 'zh', 'both']).default('both'))
  .option('--per-minute <number>', 'messages a minute; what is more goes together', whole, DEFAULT_PER_MINUTE)
  .option('--json', 'one JSON line')
  .action(async (id: string, { url, to, language, perMinute, json }: AddOptions, command: Command) => {
    const problem = settingProblem({ id, url, audience: to, perMinute });
    if (problem) {
      const option = { id: 'channel id', url: '--url', audience: '--to', perMinute: '--per-minute' }[
        problem.field
      ];
      throw new Failure(`${option}: ${problem.detail}`, 2);
    }
    const channel: ChannelSettings = {
      ...{ id, kind: 'webhook', url, language, perMinute, disabled: false },
      audience: to as ChannelAudience,
    };
    const secret = newSigningSecret();
    await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        if (await tx.channels.get(id))
          throw new Failure(
            `channel ${id}: exists already; remove it first: npx precall channel remove ${id}`,
          );
        if (to.startsWith('crew:') && !(await tx.crews.get(to.slice('crew:'.length))))
          throw new Failure(`--to ${to}: there is no such crew; add it first: npx precall crew add`);
        if (to.startsWith('site:') && !(await tx.sites.get(to.slice('site:'.length))))
          throw new Failure(`--to ${to}: there is no such site; it begins with its first equipment`);
        if ((await everyRow((page) => tx.channels.list(page))).length >= MAX_CHANNELS)
          throw new Failure(`there are ${MAX_CHANNELS} channels; remove one first`);
        await tx.channels.put(channel, secret, nowMs);
        await audit(tx, 'added', channel, nowMs);
      }),
    );
    if (json) console.log(JSON.stringify({ id, audience: to, secret }));
    else
      console.log(
        `${id} tells ${to}\n${secret}\n  (shown once; how to check its signature: docs/notices.md)`,
      );
  });

const stateOf = (channel: Channel, nowMs: number): string => {
  if (channel.disabled) return 'disabled';
  const { pausedUntilMs, pauseReason, failures } = channel;
  if (pausedUntilMs !== null && pausedUntilMs > nowMs)
    return `paused until ${new Date(pausedUntilMs).toISOString()} (${pauseReason}, ${failures} failures)`;
  return failures > 0 ? `${failures} failures` : 'well';
};

const list = new Command('list')
  .description('list the channels and how they fare')
  .option('--json', 'one JSON line each')
  .action(async (options: { json?: boolean }, command: Command) => {
    await withLedger(command, async (ledger, nowMs) => {
      for (const channel of await everyRow((page) => ledger.channels.list(page))) {
        const shown = { ...channel, url: shownUrl(channel.url) };
        const line = [shown.id, shown.audience, shown.url, stateOf(channel, nowMs)];
        console.log(options.json ? JSON.stringify(shown) : line.join('\t'));
      }
    });
  });

const remove = new Command('remove')
  .description('remove a channel; what waits on it is dropped')
  .argument('<id>', 'channel id')
  .action(async (id: string, _options: object, command: Command) => {
    await withLedger(command, (ledger, nowMs) =>
      ledger.transaction(async (tx) => {
        const channel = await tx.channels.get(id);
        if (!channel) throw new Failure(`channel ${id}: is not known; see npx precall channel list`);
        await tx.channels.remove(id, nowMs);
        await audit(tx, 'removed', channel, nowMs);
      }),
    );
    console.log(`${id}: removed`);
  });

/** Waits until the running service has sent it, or until it is clear that none runs. */
const outcome = async (ledger: Ledger, id: number): Promise<Delivery | null> => {
  const untilMs = Date.now() + TEST_MS;
  for (;;) {
    const delivery = await ledger.outbox.get(id);
    if (delivery === null || delivery.endedAtMs !== null) return delivery;
    if (Date.now() > untilMs) return delivery;
    await sleep(LOOK_MS);
  }
};

const test = new Command('test')
  .description('send a test on a channel and say how it went; the service must be running')
  .argument('<id>', 'channel id')
  .action(async (id: string, _options: object, command: Command) => {
    await withLedger(command, async (ledger, nowMs) => {
      const channel = await ledger.channels.get(id);
      if (!channel) throw new Failure(`channel ${id}: is not known; see npx precall channel list`);
      if (channel.disabled) throw new Failure(`channel ${id}: is disabled`);
      await ledger.notices.add([testNotice(id, randomUUID(), nowMs)]);
      const { rows } = await ledger.outbox.list({ channel: id, limit: 1 });
      const delivery = await outcome(ledger, rows[0]?.id ?? 0);
      if (delivery?.state === 'sent') return console.log(`${id}: received`);
      if (delivery === null || delivery.endedAtMs === null)
        throw new Failure(
          `channel ${id}: nobody has sent the test; is the service running, is the channel paused?`,
        );
      throw new Failure(`channel ${id}: ${delivery.reason}`);
    });
  });

export const channelCommand = (): Command =>
  new Command('channel')
    .description('how people are told; works while the service runs')
    .addCommand(add)
    .addCommand(list)
    .addCommand(remove)
    .addCommand(test);
