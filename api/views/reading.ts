import type { Reading, Series } from '../../core/telemetry/reading.ts';
import type { SeriesView, StoredReadingView } from '../contract/schemas.ts';
import { iso } from './time.ts';

export const readingView = (reading: Reading): StoredReadingView => ({
  ts: reading.tsMs,
  tsSource: reading.tsSource,
  unit: reading.unit,
  seq: reading.seq,
  receivedAt: iso(reading.receivedAtMs),
  values: { ...reading.values },
});

/** Up to 5,000 points each, so not copied; nobody writes to an answer. */
export const seriesView = (series: Series): SeriesView => series as SeriesView;

/** Names that fit the contract need no quotes; a value that starts a formula elsewhere can't occur. */
export const csvHeader = (metrics: readonly string[]): string =>
  `${['ts', 'equipment', 'unit', 'seq', ...metrics].join(',')}\n`;

/** One line; a metric that the reading doesn't have stays empty. Numbers as short as they read back alike. */
export const csvLine = (reading: Reading, metrics: readonly string[]): string => {
  const values = metrics.map((metric) => reading.values[metric] ?? '');
  return `${[iso(reading.tsMs), reading.equipment, reading.unit, reading.seq ?? '', ...values].join(',')}\n`;
};
