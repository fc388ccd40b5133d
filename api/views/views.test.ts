import { beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Alert } from '../../core/alert/alert.ts';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import type { LatestValue } from '../../core/telemetry/reading.ts';
import { driftEvent, NOW_MS, reading } from '../testing/bench.ts';
import { healthOf } from './health.ts';
import { telling } from './latest.ts';
import { csvHeader, csvLine } from './reading.ts';
import { leadingAlert } from './ticket.ts';
import { parseTime } from './time.ts';

const alert = (over: Partial<Alert> = {}): Alert => {
  const { equipment, unit, component, rule, evidence } = driftEvent(1);
  return {
    ...{ id: 'a1', equipment, unit, component, rule, evidence },
    severity: 'S2',
    state: 'active',
    raisedAtMs: NOW_MS,
    raisedHeardAtMs: NOW_MS,
    reason: 'limit-exceeded',
    updatedAtMs: NOW_MS,
    clearedAtMs: null,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    ticket: null,
    ...over,
  };
};

const fault = (severity: Alert['severity']): Alert =>
  alert({
    severity,
    evidence: { ...alert().evidence, detector: { name: 'fault-code', version: 1 }, code: 'G06' },
  });

describe('health', () => {
  const online = { online: 'online', lastHeardAtMs: NOW_MS } as const;
  it('is the worst of the active alerts', () => {
    expect(healthOf(online, [fault('S1'), alert()], NOW_MS)).toBe('down');
    expect(healthOf(online, [alert({ severity: 'watch' }), fault('S3')], NOW_MS)).toBe('due');
  });
  it('is due, not down, while service is only foretold to be lost', () => {
    expect(healthOf(online, [alert({ severity: 'S1' })], NOW_MS)).toBe('due');
    expect(healthOf(online, [fault('S2')], NOW_MS)).toBe('down');
  });
  it('takes silence for no health', () => {
    expect(healthOf({ online: 'offline', lastHeardAtMs: NOW_MS - 3_600_000 }, [], NOW_MS)).toBe('unknown');
    expect(healthOf({ online: 'unknown', lastHeardAtMs: null }, [], NOW_MS)).toBe('unknown');
    expect(healthOf({ online: 'unknown', lastHeardAtMs: NOW_MS - 60_000 }, [], NOW_MS)).toBe('normal');
    expect(healthOf({ online: 'offline', lastHeardAtMs: null }, [fault('S1')], NOW_MS)).toBe('down');
  });
});

describe('the values that tell', () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = await loadCatalogue();
  });
  const value = (unit: string, metric: string, tsMs = NOW_MS): LatestValue => ({
    ...{ unit, metric, tsMs, receivedAtMs: tsMs, value: 1 },
  });
  const shown = (latest: readonly LatestValue[], active: readonly Alert[] = []) =>
    telling(catalogue, latest, active).map(({ unit, metric }) => `${unit} ${metric}`);

  it('are three different metrics, watched ones before counters and unknown ones', () => {
    const latest = [
      value('bay1', 'cycleCount'),
      value('bay1', 'mystery'),
      value('bay1', 'hoistCurrentA', NOW_MS - 1),
      value('bay2', 'hoistCurrentA'),
      value('bay1', 'windingTempC'),
    ];
    expect(shown(latest)).toEqual(['bay2 hoistCurrentA', 'bay1 windingTempC', 'bay1 cycleCount']);
  });

  it('begin with what an alert is about', () => {
    const latest = [value('bay1', 'windingTempC'), value('bay7', 'hoistCurrentA', NOW_MS - 5)];
    expect(shown(latest, [alert()])[0]).toBe('bay7 hoistCurrentA');
  });
});

describe('the leading alert', () => {
  it('is active before cleared, then the most severe', () => {
    const cleared = { ...fault('S1'), id: 'cleared', state: 'cleared' as const };
    const mild = alert({ id: 'mild', severity: 'S3' });
    const worse = alert({ id: 'worse', severity: 'S2' });
    expect(leadingAlert([cleared, mild, worse])?.id).toBe('worse');
    expect(leadingAlert([cleared])?.id).toBe('cleared');
    expect(leadingAlert([])).toBeNull();
  });
});

describe('times', () => {
  it('are ISO 8601, UTC without a zone, or Unix ms', () => {
    expect(parseTime('2026-01-05T10:00:00Z')).toBe(NOW_MS);
    expect(parseTime('2026-01-05T18:00:00+08:00')).toBe(NOW_MS);
    expect(parseTime('2026-01-05 10:00:00')).toBe(NOW_MS);
    expect(parseTime('2026-01-05')).toBe(NOW_MS - 10 * 3_600_000);
    expect(parseTime(String(NOW_MS))).toBe(NOW_MS);
  });
  it('are nothing else', () => {
    for (const text of ['', 'yesterday', '2026-13-01', '1e3', '99999999999999999', '2026-01-05T10:00:00 Z'])
      expect([text, parseTime(text)]).toEqual([text, null]);
  });
});

describe('CSV', () => {
  it('has one column for each metric, empty where a reading lacks it', () => {
    const row = reading(NOW_MS, { b: 0.1 + 0.2 }, { seq: 7 });
    expect(csvHeader(['a', 'b'])).toBe('ts,equipment,unit,seq,a,b\n');
    expect(csvLine(row, ['a', 'b'])).toBe('2026-01-05T10:00:00.000Z,g1,bay7,7,,0.30000000000000004\n');
  });
});
