import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { commandOf } from '../servers/servers.ts';

/** Debian's Chromium, headless; its own calls home are off, since a test machine may have no way out. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const chromiumCommand = commandOf('Chromium');

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumCommand ?? '', args: ARGUMENTS });

export interface Person {
  readonly page: Page;
  /** What the page complained about: script errors and failed requests, the first question for a session aside. */
  readonly complaints: readonly string[];
}

/** A person with a browser of its own, signed in. */
export const signIn = async (
  browser: Browser,
  http: string,
  user: string,
  password: string,
  size: { readonly width: number; readonly height: number },
): Promise<Person> => {
  const context = await browser.newContext({ viewport: size, locale: 'en-GB' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  await page.goto(http);
  await page.getByTestId('user').fill(user);
  await page.getByTestId('password').fill(password);
  await page.getByTestId('sign-in').click();
  return { page, complaints };
};

/** Keeps a picture where SCREENSHOTS names a folder (`npm run screenshots`); else does nothing. */
export const picture = async (page: Page, name: string): Promise<void> => {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
};
