/** Chromium with a page that plays what a recorder serves, as if the recorder had served the page too. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { AUTHORIZATION, type Recorder } from './recorder.ts';

/** How playing goes; times in seconds of the video element. */
export interface Playing {
  readonly errors: readonly { readonly type: string; readonly fatal: boolean }[];
  /** Times it had to wait since the first picture: where, and for how many milliseconds. */
  readonly stalls: readonly { readonly at: number; readonly ms: number }[];
  readonly ended: boolean;
  /** How old the picture is by the dates in the playlist; null when it has none. */
  readonly delayMs: number | null;
  readonly time: number;
  /** Null while it is not known, or for ever. */
  readonly duration: number | null;
  readonly width: number;
  readonly frames: number;
  readonly corrupted: number;
  readonly buffered: readonly (readonly [number, number])[];
}

/** Names that the browser has on Debian, on Ubuntu, and as Google's own package. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Starts the browser of this machine. Throws when there is none. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = BROWSERS.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`None of ${BROWSERS.join(', ')} is in /usr/bin.`);
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu'];
  return await chromium.launch({ executablePath, args });
}

/** One page with a player, on the address of the recorder. */
export class Player {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, { address }: Recorder): Promise<Player> {
    const page = await browser.newPage({ extraHTTPHeaders: { authorization: AUTHORIZATION } });
    const files = { '': pageFile, '/hls.js': hlsFile } as const;
    for (const [name, path] of Object.entries(files)) {
      const contentType = name === '' ? 'text/html' : 'text/javascript';
      await page.route(`${address}/player${name}`, (route) =>
        route.fulfill({ body: readFileSync(path, 'utf8'), contentType }),
      );
    }
    await page.goto(`${address}/player`);
    return new Player(page);
  }

  /** Plays a playlist, given by its route below `/api/v1`. */
  async playList(route: string): Promise<void> {
    await this.#page.evaluate(`player.playList(${JSON.stringify(`/api/v1${route}`)})`);
  }

  /** Plays a file, given by its route below `/api/v1`. */
  async playFile(route: string): Promise<void> {
    await this.#page.evaluate(`player.playFile(${JSON.stringify(`/api/v1${route}`)})`);
  }

  async seek(seconds: number): Promise<void> {
    await this.#page.evaluate(`player.seek(${seconds})`);
  }

  async state(): Promise<Playing> {
    return await this.#page.evaluate<Playing>('player.state()');
  }

  /** Waits until playing is as wanted; throws with how it was at last, also as soon as an error is fatal. */
  async until(what: string, condition: (playing: Playing) => boolean, limitMs: number): Promise<Playing> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const playing = await this.state();
      if (condition(playing)) return playing;
      const isLost = playing.errors.some(({ fatal }) => fatal) || performance.now() > deadline;
      if (isLost) throw new Error(`Not ${what}: ${JSON.stringify(playing)}`);
      await this.#page.waitForTimeout(100);
    }
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}

const pageFile = new URL('player.html', import.meta.url);
const hlsFile = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
