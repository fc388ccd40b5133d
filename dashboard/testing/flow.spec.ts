import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hasChromium, openBrowser } from './browser.ts';
import { type StandIn, startStandIn } from './server.ts';

/* The built dashboard in a real browser, against the stand-in and its strict Content-Security-Policy. */

vi.setConfig({ testTimeout: 40_000, hookTimeout: 60_000 });

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};
const DESK: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };

let browser: Browser;
let dist = '';
let standIn: StandIn;
let contexts: BrowserContext[] = [];
let complaints: string[] = [];

const openPage = async (user: string | null, path: string, options = DESK): Promise<Page> => {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  contexts.push(context);
  if (user) await context.request.post(`${standIn.url}/api/v1/session`, { data: { user, password: 'test' } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(standIn.url + path);
  return page;
};

const stateOf = (page: Page): Promise<string | null> =>
  page.getByTestId('ticket-state').getAttribute('data-state');
const untilState = (page: Page, state: string): Promise<void> =>
  page.locator(`[data-testid=ticket-state][data-state=${state}]`).waitFor();

describe.skipIf(!hasChromium)('dashboard in a browser', () => {
  beforeAll(async () => {
    // A build of its own: others may be serving dashboard/dist at this moment.
    dist = await mkdtemp(join(tmpdir(), 'precall-dashboard-'));
    await build({
      configFile: new URL('../vite.config.ts', import.meta.url).pathname,
      logLevel: 'error',
      build: { outDir: dist },
    });
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(dist, { recursive: true, force: true });
  });
  beforeEach(async () => {
    standIn = await startStandIn({ clock: Date.now, dist });
    complaints = [];
  });
  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts = [];
    await standIn.close();
    expect(complaints).toEqual([]);
  });

  test('signs in, says plainly what is wrong, and begins where the role begins', async () => {
    const page = await openPage(null, '/');
    await page.getByTestId('user').fill('chen');
    await page.getByTestId('password').fill('wrong');
    await page.getByTestId('sign-in').click();
    expect(await page.getByTestId('sign-in-problem').textContent()).toContain('do not fit together');
    await page.getByTestId('password').fill('test');
    await page.keyboard.press('Enter');
    await page.getByTestId('next-step').waitFor();
    expect(new URL(page.url()).pathname).toBe('/crew');
  });

  test('shows the fleet worst first, and remembers the language', async () => {
    const page = await openPage('desk', '/');
    await page.getByTestId('equipment-garage-1').waitFor();
    const order = await page
      .locator('[data-testid^=equipment-]')
      .evaluateAll((cards) => cards.map((card) => card.getAttribute('data-condition')));
    expect(order.slice(0, 4)).toEqual(['down', 'due', 'due', 'offline']);
    expect(order.at(-1)).toBe('normal');
    await page.getByTestId('lang').click();
    await page.getByRole('heading', { name: '设备' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '设备' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  });

  test('a machine begins with the unit in trouble; plots share a cursor, zoom, move and reset', async () => {
    const page = await openPage('desk', '/equipment/garage-1');
    const over = page.locator('[data-testid=plot-chainElongationPct] .u-over');
    await over.waitFor();
    expect(await page.getByTestId('unit-bay7').getAttribute('aria-pressed')).toBe('true');
    const box = (await over.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    // The other plot answers too.
    await page.locator('[data-testid=plot-hoistCurrentA] .plot-values time').waitFor();
    await page.mouse.wheel(0, -400);
    await page.waitForURL(/from=\d+&to=\d+/);
    const view = (): [number, number] => {
      const query = new URL(page.url()).searchParams;
      return [Number(query.get('from')), Number(query.get('to'))];
    };
    const [from, to] = view();
    expect(to - from).toBeLessThan(14 * 86_400_000);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction((before) => !location.search.includes(`from=${before}&`), from);
    expect(view()[0]).toBeLessThan(from);
    await page.reload();
    await over.waitFor();
    expect(page.url()).toContain('from=');
    await over.dblclick();
    await page.waitForFunction(() => !location.search.includes('from='));
  });

  test('a finding says why, keeps its history, and is acknowledged with a word', async () => {
    const page = await openPage('desk', '/equipment/garage-1');
    await page.getByTestId('open-alert-a-chain').click();
    await page.waitForURL(/\/alerts\/a-chain$/);
    await page.locator('[data-testid=plot-chainElongationPct] canvas').waitFor();
    expect(await page.getByTestId('alert-evidence').textContent()).toMatch(
      /drift to a limit, version 1.*builtin-1/,
    );
    expect(await page.getByTestId('peers').textContent()).toMatch(/24 of PSH-7.*Bay 3/);
    const lines = page.getByTestId('alert-history').locator('li');
    expect(await lines.last().textContent()).toMatch(/Noticed.*drifting to its limit/);
    await page.getByTestId('alert-note').fill('chain ordered');
    await page.getByTestId('acknowledge').click();
    await page.getByTestId('acknowledged').waitFor();
    expect(await lines.first().textContent()).toMatch(/Acknowledged.*by desk.*chain ordered/);
    expect(await page.getByTestId('acknowledge').count()).toBe(0);
    await page.getByTestId('peers').getByRole('link').first().click();
    await page.waitForURL(/\/equipment\/garage-1\?unit=bay3$/);
    // A viewer reads, and changes nothing.
    const viewer = await openPage('look', '/alerts/a-g06');
    await viewer.getByTestId('alert-evidence').waitFor();
    expect(await viewer.getByTestId('alert-note').count()).toBe(0);
  });

  test('the service says how far it is, what it could not use, and lets a dead letter be judged', async () => {
    const page = await openPage('desk', '/');
    await page.getByRole('navigation').getByRole('link', { name: 'Service' }).click();
    await page.getByTestId('reader-recorder').waitFor();
    expect(await page.getByTestId('reader-recorder').textContent()).toBe('Stores readingsup to date');
    expect(await page.getByTestId('reader-watcher').textContent()).toBe('Looks for trouble12 s behind');
    const quarantine = page.getByTestId('quarantine');
    expect(await quarantine.textContent()).toMatch(/not JSON 14.*send the whole object.*time in the future/);
    expect(await quarantine.locator('pre').first().isVisible()).toBe(false);
    await quarantine.getByText('What was sent').first().click();
    expect(await quarantine.locator('pre').first().textContent()).toContain('bay7');
    const dead = page.getByTestId('dead-7');
    expect(await dead.textContent()).toMatch(
      /Crew Chen did not accept.*the server answered 503, 12 attempts/,
    );
    await dead.getByRole('button', { name: 'Put aside' }).click();
    await dead.waitFor({ state: 'detached' });
    await page.getByText('Everything that had to be said was said.').waitFor();
    // Who may not see it isn't offered it either.
    const viewer = await openPage('look', '/');
    await viewer.getByRole('navigation').getByRole('link', { name: 'Tickets' }).waitFor();
    expect(await viewer.getByRole('navigation').getByRole('link', { name: 'Service' }).count()).toBe(0);
  });

  test('what was said to somebody is counted in the bar, told in words, leads to its ticket, and is read once', async () => {
    const page = await openPage('desk', '/');
    const bell = page.getByTestId('bell');
    await page.waitForFunction(
      () => document.querySelector('[data-testid=bell] .count')?.textContent === '2',
    );
    await bell.click();
    await page.getByTestId('inbox').waitFor();
    expect(await page.getByTestId('notice').count()).toBe(3);
    expect(await page.getByTestId('notice').first().textContent()).toMatch(
      /Still nobody has accepted.*Bay 7/,
    );
    await page.getByTestId('read-all').click();
    await page.getByTestId('read-all').waitFor({ state: 'detached' });
    expect(await bell.locator('.count').count()).toBe(0);
    await page.getByTestId('notice').first().locator('a').click();
    await page.waitForURL(/\/tickets\/T-/);
    // A crew is told what is its own, and is led to its job.
    const phone = await openPage('chen', '/inbox', PHONE);
    await phone.getByTestId('inbox').waitFor();
    expect(await phone.getByTestId('notice').count()).toBe(1);
    await phone.getByTestId('notice').locator('a').click();
    await phone.waitForURL(/\/crew\/T-/);
  });

  test('assigning shows what it means; the crew that gets the job sees it at once', async () => {
    const desk = await openPage('desk', '/tickets/T-1045');
    const phone = await openPage('wang', '/', PHONE);
    await phone.getByText('No job for you now').waitFor();
    await desk.getByTestId('do-assign').click();
    await desk.getByLabel('Crew Wang').check();
    expect(await desk.locator('.consequence').textContent()).toMatch(
      /Crew Wang will be asked at once.*Crew Chen is released/,
    );
    await desk.getByTestId('confirm').click();
    await phone.getByTestId('crew-job-T-1045').waitFor();
    expect(await phone.getByTestId('next-step').textContent()).toBe('Accept');
  });

  test('one button leads a crew from acceptance to done, with its findings', async () => {
    const page = await openPage('chen', '/crew/T-1045', PHONE);
    const next = page.getByTestId('next-step');
    expect((await next.boundingBox())!.height).toBeGreaterThanOrEqual(56);
    for (const [label, state] of [
      ['Accept', 'acknowledged'],
      ['Depart', 'enroute'],
      ['Arrived', 'onsite'],
    ] as const) {
      await page.getByRole('button', { name: label, exact: true }).click();
      await untilState(page, state);
      // The button rests, so that a second tap of the same thumb is no second step.
      await page.locator('[data-testid=next-step][aria-disabled=false]').waitFor();
    }
    await page.getByTestId('findings').fill('Chain pair CH-40 replaced');
    await next.click();
    await untilState(page, 'resolved');
    const answer = await page.request.get(`${standIn.url}/api/v1/tickets/T-1045`);
    const { timeline } = (await answer.json()) as { timeline: { what: string; note: string | null }[] };
    expect(timeline.at(-1)).toMatchObject({ what: 'resolve', note: 'Chain pair CH-40 replaced' });
  });

  test('without a network steps are kept, survive a reload, and are sent once', async () => {
    const page = await openPage('chen', '/crew/T-1045', PHONE);
    await page.getByTestId('next-step').waitFor();
    await page.route('**/api/v1/tickets/*/*', (route) => route.abort());
    await page.getByTestId('next-step').click();
    await page.getByTestId('unsent').waitFor();
    expect(await stateOf(page)).toBe('acknowledged');
    await page.locator('[data-testid=next-step][aria-disabled=false]').waitFor();
    await page.getByTestId('next-step').click();
    await page.getByText('Not sent yet: 2.').waitFor();
    await page.reload();
    await untilState(page, 'enroute');
    await page.unroute('**/api/v1/tickets/*/*');
    await page.getByTestId('unsent').getByRole('button').click();
    await page.getByTestId('unsent').waitFor({ state: 'detached' });
    const answer = await page.request.get(`${standIn.url}/api/v1/tickets/T-1045`);
    const { timeline } = (await answer.json()) as { timeline: { what: string }[] };
    expect(timeline.slice(-2).map((entry) => entry.what)).toEqual(['acknowledge', 'depart']);
    expect([...standIn.keys.values()].every((times) => times === 1)).toBe(true);
  });

  test('a refused step says why and gives the true state back', async () => {
    const page = await openPage('chen', '/crew/T-1045', PHONE);
    await page.getByTestId('next-step').waitFor();
    await page.route('**/tickets/T-1045/acknowledge', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'Conflict', detail: 'Crew Li has it already' }),
      }),
    );
    await page.getByTestId('next-step').click();
    expect(await page.getByTestId('refused').textContent()).toContain('Crew Li has it already');
    await untilState(page, 'dispatched');
  });

  test('a ticket from a call: what was typed stays when it cannot be sent', async () => {
    const page = await openPage('desk', '/tickets');
    await page.getByTestId('new-ticket').click();
    await page.getByTestId('new-equipment').selectOption('garage-3');
    await page.getByTestId('new-words').fill('The gate does not open');
    standIn.fail = 503;
    await page.getByTestId('confirm').click();
    await page.locator('.form-problem').waitFor();
    expect(await page.getByTestId('new-words').inputValue()).toBe('The gate does not open');
    standIn.fail = null;
    await page.getByTestId('confirm').click();
    await untilState(page, 'open');
    await page.getByTestId('ticket-T-1046').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/tickets$/);
  });

  test('says when it is not live, and comes back by itself', async () => {
    const page = await openPage('desk', '/');
    await page.getByTestId('equipment-garage-1').waitFor();
    const { url } = standIn;
    await standIn.close();
    await page.getByTestId('live-banner').waitFor();
    standIn = await startStandIn({ clock: Date.now, dist, port: Number(new URL(url).port) });
    await page.getByTestId('live-banner').waitFor({ state: 'detached', timeout: 20_000 });
  }, 40_000);

  test('a finding is read anew when the service is back', async () => {
    const page = await openPage('desk', '/alerts/a-chain');
    await page.getByTestId('acknowledge').click();
    await page.getByTestId('acknowledged').waitFor();
    const { url } = standIn;
    await standIn.close();
    // The town that comes back knows of no acknowledgement: what is shown can only be from there.
    standIn = await startStandIn({ clock: Date.now, dist, port: Number(new URL(url).port) });
    await page.getByTestId('acknowledged').waitFor({ state: 'detached', timeout: 20_000 });
    await page.getByTestId('acknowledge').waitFor();
  }, 40_000);

  test('a viewer is offered nothing that it may not do', async () => {
    const page = await openPage('look', '/tickets/T-1042');
    await untilState(page, 'enroute');
    expect(await page.locator('[data-testid^=do-]').count()).toBe(0);
    expect(await page.getByTestId('new-ticket').count()).toBe(0);
  });
});
