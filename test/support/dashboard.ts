/** The dashboard in a real browser, served by the recorder under test: built, opened, logged in. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { build } from 'vite';
import { builtProgram } from './product.ts';
import { AUTHORIZATION, type Recorder } from './recorder.ts';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const web = fileURLToPath(new URL('../../web', import.meta.url));

/** Builds the dashboard, as it is, to where the program that tests start looks for it. */
export async function buildDashboard(): Promise<void> {
  const outDir = path.join(path.dirname(await builtProgram()), 'web');
  const stamp = path.join(outDir, '.built-from');
  const now = await digest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  const configFile = path.join(web, 'vite.config.ts');
  await build({ root: web, configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  await writeFile(stamp, now);
}

/** Chromium without a window, and without calls to anywhere but the recorder. */
export const BROWSER_ARGUMENTS: readonly string[] = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

/** Where Chromium is. @throws Error when it is not installed */
export function browserPath(): string {
  const found = BROWSERS.find((each) => existsSync(each));
  if (found === undefined) throw new Error(`None of these browsers is installed: ${BROWSERS.join(', ')}.`);
  return found;
}

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: browserPath(), args: [...BROWSER_ARGUMENTS] });
}

/** A browser profile of its own in which `admin` is logged in. */
export async function loggedIn(
  browser: Browser,
  recorder: Recorder,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: recorder.address,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    ...options,
  });
  const answer = await context.request.post('/api/v1/session', { data: credentials() });
  if (!answer.ok()) throw new Error(`The login was answered with ${answer.status()}.`);
  return context;
}

/** Name and password of the user that tests work as. */
export function credentials(): { readonly name: string; readonly password: string } {
  const text = Buffer.from(AUTHORIZATION.replace('Basic ', ''), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A page that remembers what went wrong in it: exceptions, and what its policy blocked. */
export async function openPage(
  context: BrowserContext,
): Promise<{ readonly page: Page; readonly faults: string[] }> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  return { page, faults };
}

async function digest(): Promise<string> {
  const names = await readdir(web, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(file));
  return hash.digest('hex');
}
