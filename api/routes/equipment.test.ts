import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TelemetryDownError, type TelemetryStore } from '../../store/telemetry.ts';
import { type Bench, driftEvent, furnish, NOW_MS, openBench, reading } from '../testing/bench.ts';

const MINUTE_MS = 60_000;
const COUNT = 4_500;

describe('equipment', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
    await furnish(bench);
    await bench.ledger.alerts.apply([driftEvent(1)]);
    // Two readings of another bay among many of one, so that pages and columns have something to get wrong.
    const many = Array.from({ length: COUNT }, (_, n) =>
      reading(NOW_MS - 10_000_000 + n * 2_000, { hoistCurrentA: 9 + (n % 7) / 10 }, { seq: n }),
    );
    await bench.telemetry.write(many);
    await bench.telemetry.write([
      reading(NOW_MS - 9_000, { windingTempC: 61.5, hoistCurrentA: 10.4 }, { unit: 'bay7', seq: COUNT }),
      reading(NOW_MS - 8_000, { doorCloseS: 4 }, { unit: 'bay8' }),
    ]);
  });
  afterAll(() => bench.close());

  const get = (url: string, headers: Record<string, string> = {}) =>
    bench.ask('viewer', { url: `/api/v1${url}`, headers });

  it('is listed with health, telling values and what is left of its life', async () => {
    const { items } = (await get('/equipment')).json();
    expect(items.map(({ id }: { id: string }) => id)).toEqual(['f1', 'g1']);
    const [fridge, garage] = items;
    expect(fridge).toMatchObject({ health: 'unknown', lastHeardAt: null, latest: [], class: 'fridge' });
    expect(garage).toMatchObject({
      ...{ health: 'due', activeAlerts: 1, class: 'PSH', className: { zh: '升降横移车库' } },
      lastHeardAt: new Date(NOW_MS - 7_950).toISOString(),
      remainingLife: [{ unit: 'bay7', metric: 'hoistCurrentA', limit: 11, latestAt: null }],
    });
    expect(garage.latest).toHaveLength(3);
    expect(garage.latest[0]).toMatchObject({
      ...{ metric: 'hoistCurrentA', unitOfMeasure: 'A', component: 'hoist', value: 10.4, ageMs: 9_000 },
      label: { en: 'hoist current', zh: '提升电流' },
    });
  });

  it('is listed by site, in pages, with its open tickets', async () => {
    const payload = { equipment: 'f1', source: 'hotline' };
    const ticket = (await bench.ask('crew', { method: 'POST', url: '/api/v1/tickets', payload })).json().id;
    const first = (await get('/equipment?limit=1&site=s1')).json();
    expect([first.items[0].id, first.items[0].openTickets]).toEqual(['f1', [ticket]]);
    const second = (await get(`/equipment?limit=1&cursor=${first.next}`)).json();
    expect([second.items[0].id, second.next]).toEqual(['g1', null]);
    expect((await get('/equipment?site=elsewhere')).json()).toEqual({ items: [], next: null });
  });

  it('knows the open tickets of a large fleet too', async () => {
    const other = await openBench();
    try {
      await furnish(other);
      for (let n = 0; n < 30; n += 1)
        await other.ledger.equipment.put({ id: `m${n}`, site: 's1', model: 'PSH-7', name: `${n}` }, NOW_MS);
      const payload = { equipment: 'm7', source: 'hotline' };
      await other.ask('crew', { method: 'POST', url: '/api/v1/tickets', payload });
      const { items } = (await other.ask('viewer', { url: '/api/v1/equipment' })).json();
      const withTicket = items.filter(({ openTickets }: { openTickets: string[] }) => openTickets.length > 0);
      expect(withTicket.map(({ id }: { id: string }) => id)).toEqual(['m7']);
    } finally {
      await other.close();
    }
  });

  it('is shown with every latest value and its series', async () => {
    const machine = (await get('/equipment/g1')).json();
    expect(machine.latest).toHaveLength(3);
    const names = machine.series.map(({ unit, metric }: Record<string, string>) => `${unit} ${metric}`);
    expect(names.sort()).toEqual(['bay7 hoistCurrentA', 'bay7 windingTempC', 'bay8 doorCloseS']);
    expect((await get('/equipment/none')).json()).toMatchObject({ status: 404, reason: 'no-such-equipment' });
  });

  it('has series for plots, gaps staying gaps', async () => {
    const from = NOW_MS - 20_000_000;
    const answer = await get(
      `/equipment/g1/series?unit=bay7&metric=hoistCurrentA&from=${from}&to=${NOW_MS}&points=10`,
    );
    const { ts, min, max, mean } = answer.json();
    expect([ts.length, min.length, max.length, mean.length]).toEqual([10, 10, 10, 10]);
    expect([min[0], mean[0]]).toEqual([null, null]);
    expect([min[6], max[6]]).toEqual([9, 9.6]);
  });

  it('says which part of a range is wrong', async () => {
    const wrong = async (query: string) =>
      (await get(`/equipment/g1/series?${query}`)).json().errors[0].pointer;
    expect(await wrong('unit=bay7')).toBe('?metric');
    expect(await wrong('metric=a&from=yesterday')).toBe('?from');
    expect(await wrong('metric=a&to=2026-99-01')).toBe('?to');
    expect(await wrong('metric=a&from=2026-01-02&to=2026-01-01')).toBe('?from');
    expect(await wrong('metric=a&points=5001')).toBe('?points');
    expect((await get('/equipment/none/series?metric=a')).statusCode).toBe(404);
  });

  it('gives every reading as it came, in pages', async () => {
    const seen: number[] = [];
    let cursor = '';
    do {
      const url = `/equipment/g1/readings?unit=bay7&limit=500${cursor}`;
      const page = (await get(url)).json();
      seen.push(...page.items.map(({ seq }: { seq: number }) => seq));
      cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`;
    } while (cursor !== '');
    expect(seen).toEqual(Array.from({ length: COUNT + 1 }, (_, n) => n));
    expect((await get('/equipment/g1/readings?cursor=nonsense')).statusCode).toBe(400);
  });

  it('streams the whole range as CSV where it is asked for', async () => {
    const answer = await get('/equipment/g1/readings', { accept: 'text/csv' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toContain('g1.csv');
    const lines = answer.body.trimEnd().split('\n');
    expect(lines[0]).toBe('ts,equipment,unit,seq,doorCloseS,hoistCurrentA,windingTempC');
    expect(lines).toHaveLength(1 + COUNT + 2);
    expect(lines[1]).toBe(`${new Date(NOW_MS - 10_000_000).toISOString()},g1,bay7,0,,9,`);
    expect(lines.at(-2)).toBe(`${new Date(NOW_MS - 9_000).toISOString()},g1,bay7,${COUNT},,10.4,61.5`);
    expect(lines.at(-1)).toBe(`${new Date(NOW_MS - 8_000).toISOString()},g1,bay8,,4,,`);
  });

  it('streams one metric of a short range as CSV', async () => {
    const from = new Date(NOW_MS - MINUTE_MS).toISOString();
    const url = `/equipment/g1/readings?unit=bay7&metric=hoistCurrentA&from=${from}`;
    const { body } = await get(url, { accept: 'text/csv' });
    expect(body).toBe(
      `ts,equipment,unit,seq,hoistCurrentA\n${new Date(NOW_MS - 9_000).toISOString()},g1,bay7,${COUNT},10.4\n`,
    );
    const empty = await get('/equipment/f1/readings', { accept: 'text/csv' });
    expect(empty.body).toBe('ts,equipment,unit,seq\n');
  });

  it('stands at sites', async () => {
    const { items } = (await get('/sites')).json();
    expect(items).toEqual([(await get('/sites/s1')).json()]);
    expect((await get('/sites/none')).statusCode).toBe(404);
  });
});

describe('equipment while the telemetry store is away', () => {
  let bench: Bench;
  beforeAll(async () => {
    const away = () => Promise.reject(new TelemetryDownError('ECONNREFUSED'));
    const telemetry = { latestOf: away, list: away, series: away, readings: away, onWrite: () => () => {} };
    bench = await openBench({ telemetry: telemetry as unknown as TelemetryStore });
    await furnish(bench);
    await bench.ledger.alerts.apply([driftEvent(1)]);
  });
  afterAll(() => bench.close());
  const get = (url: string) => bench.ask('viewer', { url: `/api/v1${url}` });

  it('shows what people act on, without values', async () => {
    const list = await get('/equipment');
    expect(list.statusCode).toBe(200);
    expect(list.json().items[1]).toMatchObject({ id: 'g1', health: 'due', activeAlerts: 1, latest: [] });
    const one = await get('/equipment/g1');
    expect([one.statusCode, one.json().series]).toEqual([200, []]);
  });

  it('says why there are no series, and when to ask again', async () => {
    for (const url of ['/equipment/g1/series?metric=hoistCurrentA', '/equipment/g1/readings']) {
      const answer = await get(url);
      expect([answer.statusCode, answer.json().reason]).toEqual([503, 'telemetry-away']);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.body).not.toContain('ECONNREFUSED');
    }
  });
});
