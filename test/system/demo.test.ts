import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumCommand, openBrowser, type Person, picture, signIn } from './browser.ts';
import { newDataDir, newEnv, type Service, startService, until } from './service.ts';

/**
 * What a newcomer sees: `npm start`, a garage that wears, a ticket by drift within a minute, a crew that
 * acknowledges on a phone, a repair that the machine hears of, and a ticket that closes on seen recovery.
 */
const PASSWORD = 'precall-demo';
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

interface Ticket {
  readonly id: string;
  readonly equipment: string;
  readonly unit: string;
  readonly component: string;
  readonly source: string;
  readonly cause: string;
  readonly state: string;
  readonly crew: string | null;
  readonly closeReason: string | null;
  readonly evidence: {
    readonly metric: string | null;
    readonly sample: { readonly ts: readonly number[] } | null;
  } | null;
}

const CREW_USER: Readonly<Record<string, string>> = {
  'wulin-crew': 'wulin',
  'chengzhan-crew': 'chengzhan',
  'appliance-van': 'van',
};

describe.skipIf(chromiumCommand === null)('the demo in a browser', () => {
  let service: Service;
  let browser: Browser;
  let startedAtMs: number;
  let cookie: string;
  let ticket: Ticket;

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${service.http}/api/v1${path}`, { headers: { cookie } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as T;
  };

  beforeAll(async () => {
    startedAtMs = Date.now();
    service = await startService('demo', await newEnv(await newDataDir()));
    browser = await openBrowser();
    const signedIn = await until(
      'the demo accounts are there',
      async () => {
        const response = await fetch(`${service.http}/api/v1/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ user: 'dispatcher', password: PASSWORD }),
        });
        return response.ok ? response : null;
      },
      10_000,
    );
    cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  });
  afterAll(async () => {
    await browser?.close();
    await service?.kill('SIGTERM');
  });

  test('within 60 s of the start a ticket caused by drift is open and a crew is asked', async () => {
    ticket = await until(
      'a ticket by drift with a crew',
      async () => {
        const { items } = await get<{ items: Ticket[] }>('/tickets?state=dispatched');
        return items.find((item) => item.source === 'telemetry');
      },
      60_000 - (Date.now() - startedAtMs),
      250,
    );
    expect(ticket.cause).toMatch(/^(drift|shift):/);
    expect(ticket).toMatchObject({ equipment: 'garage-1', component: 'hoist', state: 'dispatched' });
    expect(ticket.evidence?.sample?.ts.length).toBeGreaterThan(10);
  });

  test('the fleet shows it first, and the machine’s page draws the evidence', async () => {
    const { page, complaints } = await signIn(browser, service.http, 'dispatcher', PASSWORD, DESK);
    const card = page.getByTestId('equipment-garage-1');
    await card.waitFor();
    expect(await page.locator('[data-testid^="equipment-"]').count()).toBe(14);
    await picture(page, 'fleet');
    await card.click();
    const plot = page.getByTestId(`plot-${ticket.evidence?.metric}`).first();
    await plot.locator('canvas').waitFor();
    expect(await plot.locator('canvas').evaluate(hasInk)).toBe(true);
    await picture(page, 'machine');
    await page.goto(`${service.http}/tickets/${ticket.id}`);
    await page.getByTestId('ticket-state').first().waitFor();
    await picture(page, 'tickets');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('the crew accepts, departs, arrives and is done on a phone; the ticket closes on seen recovery', async () => {
    const user = CREW_USER[ticket.crew ?? ''] ?? '';
    const { page, complaints }: Person = await signIn(browser, service.http, user, PASSWORD, PHONE);
    for (const state of ['acknowledged', 'enroute', 'onsite', 'resolved']) {
      const button = page.getByTestId('next-step');
      await button.waitFor();
      const box = await button.boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(56);
      if (state === 'acknowledged') await picture(page, 'crew-phone');
      await button.click();
      const confirm = page.getByTestId('confirm');
      await until(
        `the ticket is ${state}`,
        async () => {
          if (await confirm.isVisible()) await confirm.click();
          return reached(state, (await get<Ticket>(`/tickets/${ticket.id}`)).state);
        },
        15_000,
        100,
      );
    }
    const closed = await until(
      'the ticket closes by itself',
      async () => {
        const now = await get<Ticket>(`/tickets/${ticket.id}`);
        return now.state === 'closed' ? now : null;
      },
      60_000,
      250,
    );
    expect(closed.closeReason).toBe('recovery-seen');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('中文 is complete on the same pages', async () => {
    const { page } = await signIn(browser, service.http, 'dispatcher', PASSWORD, DESK);
    await page.getByTestId('equipment-garage-1').waitFor();
    await page.getByTestId('lang').first().click();
    await page.getByText('工单').first().waitFor();
    await page.goto(`${service.http}/tickets/${ticket.id}`);
    await page.getByText('提升机构').first().waitFor();
    await picture(page, 'tickets-zh');
    await page.context().close();
  });
});

/** A step may be followed by the next one of the machine before we look. */
const reached = (wanted: string, now: string): boolean => {
  const order = ['dispatched', 'acknowledged', 'enroute', 'onsite', 'resolved', 'closed'];
  return order.indexOf(now) >= order.indexOf(wanted);
};

/** Whether anything was drawn: a pixel that differs from the first one. Runs in the page. */
const hasInk = (element: unknown): boolean => {
  const canvas = element as {
    width: number;
    height: number;
    getContext(kind: '2d'): {
      getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
    };
  };
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 4; at < data.length; at += 4) if (data[at + 3] !== data[3]) return true;
  return false;
};
