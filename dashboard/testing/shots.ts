import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { type StandIn, startStandIn } from './server.ts';

/*
 * Takes pictures of every page at three widths, light and dark, in both languages, to be looked at.
 *   vite build dashboard && node dashboard/testing/shots.ts [FOLDER] [filter]
 * Also complains about what can be told without looking: console errors (the strict CSP speaks there), a page
 * wider than the screen, texts cut off where they must not be.
 */
const FOLDER = process.argv[2] ?? '/tmp/shots';
const FILTER = process.argv[3] ?? '';
const WIDTHS = [
  { name: '390', width: 390, height: 844, touch: true },
  { name: '820', width: 820, height: 1180, touch: true },
  { name: '1440', width: 1440, height: 900, touch: false },
] as const;
const LANGUAGES = ['en', 'zh'] as const;
const SCHEMES = ['light', 'dark'] as const;

interface Scene {
  readonly name: string;
  readonly user: string | null;
  readonly path: string;
  readonly ready: string;
  readonly act?: (page: Page, standIn: StandIn) => Promise<void>;
  readonly empty?: boolean;
}

const SCENES: readonly Scene[] = [
  { name: 'signin', user: null, path: '/', ready: '[data-testid=sign-in]' },
  {
    name: 'signin-wrong',
    user: null,
    path: '/',
    ready: '[data-testid=sign-in]',
    act: async (page) => {
      await page.getByTestId('user').fill('desk');
      await page.getByTestId('password').fill('nonsense');
      await page.getByTestId('sign-in').click();
      await page.getByTestId('sign-in-problem').waitFor();
    },
  },
  { name: 'fleet', user: 'desk', path: '/', ready: '[data-testid=equipment-garage-1] canvas' },
  { name: 'fleet-empty', user: 'desk', path: '/', ready: '.notice', empty: true },
  {
    name: 'equipment',
    user: 'desk',
    path: '/equipment/garage-1',
    ready: '[data-testid=plot-chainElongationPct] canvas',
  },
  {
    name: 'equipment-offline',
    user: 'desk',
    path: '/equipment/washer-1',
    ready: '[data-testid=plot-drainS] canvas',
  },
  { name: 'equipment-silent', user: 'desk', path: '/equipment/oven-1', ready: '.notice' },
  { name: 'alert', user: 'desk', path: '/alerts/a-chain', ready: '[data-testid=peers]' },
  { name: 'service', user: 'desk', path: '/health', ready: '[data-testid=quarantine]' },
  { name: 'service-empty', user: 'desk', path: '/health', ready: '[data-testid=quarantine]', empty: true },
  {
    name: 'service-away',
    user: 'desk',
    path: '/health',
    ready: '[data-testid=quarantine]',
    act: async (page, standIn) => {
      standIn.health = ['telemetry-away', 'notices-dead'];
      await page.reload();
      await page.getByTestId('health-telemetry-away').waitFor();
    },
  },
  {
    name: 'equipment-away',
    user: 'desk',
    path: '/equipment/oven-1',
    ready: '.notice',
    act: async (page, standIn) => {
      standIn.health = ['telemetry-away', 'log-full'];
      await page.reload();
      await page.getByTestId('health-log-full').waitFor();
    },
  },
  { name: 'service-forbidden', user: 'look', path: '/health', ready: '.notice' },
  { name: 'alert-fault', user: 'look', path: '/alerts/a-g06', ready: '[data-testid=peers]' },
  { name: 'alert-missing', user: 'look', path: '/alerts/none', ready: '.notice' },
  { name: 'inbox', user: 'desk', path: '/inbox', ready: '[data-testid=inbox]' },
  { name: 'inbox-crew', user: 'chen', path: '/inbox', ready: '[data-testid=inbox]' },
  { name: 'inbox-empty', user: 'look', path: '/inbox', ready: '.notice' },
  { name: 'tickets', user: 'desk', path: '/tickets', ready: '[data-testid=ticket-T-1045]' },
  { name: 'ticket', user: 'desk', path: '/tickets/T-1042', ready: '.side-panel canvas' },
  {
    name: 'ticket-assign',
    user: 'desk',
    path: '/tickets/T-1045',
    ready: '[data-testid=do-assign]',
    act: async (page) => {
      await page.getByTestId('do-assign').click();
      await page.locator('.crew-choice input').nth(1).check();
    },
  },
  {
    name: 'ticket-new',
    user: 'desk',
    path: '/tickets',
    ready: '[data-testid=new-ticket]',
    act: async (page) => page.getByTestId('new-ticket').click(),
  },
  { name: 'crew', user: 'chen', path: '/', ready: '[data-testid=next-step]' },
  { name: 'crew-offer', user: 'chen', path: '/crew/T-1045', ready: '[data-testid=next-step]' },
  {
    name: 'crew-onsite',
    user: 'chen',
    path: '/crew',
    ready: '[data-testid=next-step]',
    act: async (page) => {
      await page.getByTestId('next-step').click();
      await page.locator('[data-testid=next-step][data-action=resolve]').waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'crew-decline',
    user: 'chen',
    path: '/crew/T-1045',
    ready: '[data-testid=decline]',
    act: async (page) => page.getByTestId('decline').click(),
  },
  {
    name: 'crew-unsent',
    user: 'chen',
    path: '/crew',
    ready: '[data-testid=next-step]',
    act: async (page, standIn) => {
      standIn.fail = 503;
      await page.getByTestId('next-step').click();
      await page.getByTestId('unsent').waitFor();
    },
  },
  { name: 'crew-none', user: 'wang', path: '/crew', ready: '.notice' },
  { name: 'missing', user: 'look', path: '/equipment/nothing', ready: '.notice' },
];

const signIn = async (context: BrowserContext, url: string, user: string): Promise<void> => {
  const answer = await context.request.post(`${url}/api/v1/session`, { data: { user, password: 'test' } });
  if (!answer.ok()) throw new Error(`sign-in of ${user}: ${answer.status()}`);
};

/** As tall as the page, so that one picture shows it all and what is fixed to the bottom stays there. */
const stretch = async (page: Page): Promise<void> => {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  const tall = await page.evaluate(() => {
    const panel = document.querySelector('.side-body');
    return Math.max(document.documentElement.scrollHeight, panel ? panel.scrollHeight + 60 : 0);
  });
  await page.setViewportSize({ width, height: Math.min(6_000, Math.max(height, tall)) });
  await page.waitForTimeout(150);
};

/** What is wrong with a page and can be measured. */
const measure = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) found.push(`page is ${wide} px too wide`);
    for (const element of document.querySelectorAll<HTMLElement>(
      'button, .button, h1, .segments, .plot-values b, .clock, .state',
    )) {
      if (element.closest('.flags')) continue;
      if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
        found.push(`cut off: ${element.className} "${element.textContent?.slice(0, 40)}"`);
      if (
        matchMedia('(pointer: coarse)').matches &&
        element.matches('button, .button') &&
        element.offsetHeight > 0 &&
        element.offsetHeight < 40
      )
        found.push(
          `small target: ${element.className} ${element.offsetHeight} px "${element.textContent?.slice(0, 30)}"`,
        );
    }
    return found;
  });

const shoot = async (browser: Browser, scene: Scene): Promise<number> => {
  let problems = 0;
  for (const { name: width, touch, ...viewport } of WIDTHS) {
    for (const language of LANGUAGES) {
      for (const colorScheme of SCHEMES) {
        const shot = `${scene.name}-${width}-${colorScheme}-${language}`;
        if (FILTER !== '' && !new RegExp(FILTER).test(shot)) continue;
        const standIn = await startStandIn({ clock: Date.now, empty: scene.empty ?? false });
        const context = await browser.newContext({
          viewport,
          colorScheme,
          hasTouch: touch,
          isMobile: touch,
          locale: language === 'zh' ? 'zh-CN' : 'en-GB',
          timezoneId: 'Asia/Shanghai',
          deviceScaleFactor: touch ? 2 : 1,
        });
        const page = await context.newPage();
        const said: string[] = [];
        page.on('console', (message) => {
          // Failures that a scene makes on purpose are logged by the browser too.
          if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
            said.push(message.text());
        });
        page.on('pageerror', (error) => said.push(String(error)));
        try {
          if (scene.user) await signIn(context, standIn.url, scene.user);
          await page.goto(standIn.url + scene.path);
          await page.locator(scene.ready).first().waitFor({ timeout: 10_000 });
          await scene.act?.(page, standIn);
          await page.waitForTimeout(900);
          const wrong = [...said, ...(await measure(page))];
          if (touch) await stretch(page);
          await page.screenshot({ path: `${FOLDER}/${shot}.png` });
          if (wrong.length > 0) console.log(`${shot}:\n  ${[...new Set(wrong)].join('\n  ')}`);
          problems += wrong.length;
        } catch (error) {
          problems += 1;
          console.log(`${shot}: ${String(error).split('\n')[0]} ${said.join(' | ')}`);
          await page.screenshot({ path: `${FOLDER}/${shot}-FAILED.png` });
        }
        await context.close();
        await standIn.close();
      }
    }
  }
  return problems;
};

mkdirSync(FOLDER, { recursive: true });
const browser = await openBrowser();
let problems = 0;
for (const scene of SCENES) problems += await shoot(browser, scene);
await browser.close();
console.log(problems === 0 ? `nothing measurable is wrong; now look at ${FOLDER}` : `${problems} problems`);
