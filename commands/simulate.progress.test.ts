import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { barOf, createProgress, type Screen } from './simulate.progress.ts';

const figures = (acked: number) => ({
  sent: acked + 1,
  acked,
  dropped: 1,
  errors: 2,
  reconnects: 3,
  connected: 4,
  p50Ms: 1.25,
  p99Ms: null,
  lastError: null,
});

const shown = (isTTY: boolean): string => {
  const screen: Screen = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  let nowMs = 0;
  const progress = createProgress(screen, 10_000, () => nowMs);
  for (const acked of [0, 500, 2_000]) {
    progress.show(figures(acked));
    nowMs += 1_000;
  }
  progress.end();
  return String((screen as unknown as PassThrough).read());
};

it('says a line each time where nobody watches, with the rate since the last', () => {
  const lines = shown(false).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[2]).toBe(
    '[###-------------] 2s/10s · 2000 of 2001 acknowledged · 1500/s · p50 1.3 ms · p99 – ms · 4 connected · 3 reconnects · 3 errors',
  );
});

it('writes one line over on a terminal, never wider than it', () => {
  const text = shown(true);
  expect(text.match(/\n/g)).toHaveLength(1);
  const written = text.split('\u001b[1G').slice(1);
  expect(written).toHaveLength(3);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what clears the rest of the line
  for (const one of written) expect(one.replace(/\u001b\[0K\n?/, '').length).toBeLessThan(60);
});

it('shows how much of the time has passed, and only the time where no end is set', () => {
  expect(barOf(15_000, 60_000)).toBe('[####------------] 15s/60s');
  expect(barOf(90_000, 60_000)).toBe('[################] 60s/60s');
  expect(barOf(90_000, null)).toBe('90s');
});
