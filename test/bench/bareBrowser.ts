/**
 * Chromium with nobody listening in, over its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).
 * What drives browsers for tests has every request and every message of a socket reported to it, and lets some through
 * by hand: that costs more processor time than the request itself, and would be what is measured.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import WebSocket from 'ws';
import { BROWSER_ARGUMENTS, browserPath, credentials } from '../support/dashboard.ts';
import { eventually, type Recorder } from '../support/recorder.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Sends a command to the browser, or to one of its pages, and gives what it answers. */
type Send = (method: string, params?: Fields, sessionId?: string) => Promise<Fields>;

interface Reply {
  readonly id?: number;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

export interface BareBrowser {
  /** A page of a profile of its own, in which `admin` is logged in; certificates are believed whoever made them. */
  open(recorder: Recorder): Promise<BarePage>;
  close(): Promise<void>;
}

export interface BarePage {
  /** Goes there and waits until the page has loaded. @param script runs before any of the page's own */
  show(address: string, script: string): Promise<void>;
  /** What an expression, or what it promises, gives. @throws Error when it throws */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function startBareBrowser(): Promise<BareBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'nightjar-bench-browser-'));
  const own = [`--user-data-dir=${profile}`, '--remote-debugging-port=0', '--ignore-certificate-errors'];
  const plays = ['--autoplay-policy=no-user-gesture-required', '--no-first-run', 'about:blank'];
  const child = spawn(browserPath(), [...BROWSER_ARGUMENTS, ...own, ...plays], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const send = await connect(await addressIn(child.stderr));
  return {
    open: (recorder) => openPage(send, recorder),
    async close() {
      await send('Browser.close');
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** What the browser says on its standard error, which has to be read on. */
async function addressIn(stderr: Readable): Promise<string> {
  const lines = createInterface({ input: stderr });
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const address = /^DevTools listening on (\S+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    lines.once('close', () => reject(new Error('Chromium ended before it could be driven.')));
  });
}

async function connect(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const waiting = new Map<number, (reply: Reply) => void>();
  socket.on('message', (data) => {
    const reply: Reply = JSON.parse(String(data));
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
  });
  let last = 0;
  return async (method, params = {}, sessionId) => {
    const id = ++last;
    const { result, error } = await new Promise<Reply>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
    waiting.delete(id);
    if (result === undefined) throw new Error(`${method}: ${error?.message}`);
    return result;
  };
}

async function openPage(send: Send, recorder: Recorder): Promise<BarePage> {
  const { browserContextId } = await send('Target.createBrowserContext');
  const window = { url: 'about:blank', browserContextId, width: 1440, height: 900 };
  const { targetId } = await send('Target.createTarget', window);
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page = pageOf((method, params) => send(method, params, String(sessionId)));
  const close = async () => {
    await send('Target.disposeBrowserContext', { browserContextId });
  };
  await page.show(`${recorder.address}/healthz`, '');
  const login = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials()),
  };
  const status = await page.evaluate(
    `fetch('/api/v1/session', ${JSON.stringify(login)}).then((it) => it.status)`,
  );
  if (status !== 200) throw new Error(`The login was answered with ${status}.`);
  return { ...page, close };
}

function pageOf(send: Send): Omit<BarePage, 'close'> {
  const evaluate = async (expression: string): Promise<unknown> => {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send('Runtime.evaluate', asked);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return typeof result === 'object' && result !== null && 'value' in result ? result.value : undefined;
  };
  return {
    evaluate,
    async show(address, source) {
      await send('Page.enable');
      await send('Page.addScriptToEvaluateOnNewDocument', { source });
      await send('Page.navigate', { url: address });
      const there = `location.href === ${JSON.stringify(address)} && document.readyState === 'complete'`;
      // While one page makes way for the other there is nothing that could answer.
      await eventually(`${address} is shown`, () => evaluate(there).catch(() => false));
    },
  };
}
