/**
 * The description of the API against the server itself, by a validator of others: Stoplight's Prism stands between a
 * client and the server, and says where requests or answers are not as described.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/mosquitto.ts';
import { type Harness, logIn, startHarness } from './harness.ts';
import { GOOD_REQUESTS, type GoodRequest } from './requests.ts';

const PRISM = new URL('../../node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url).pathname;
/** Answers whose bodies have no end, or that the proxy can't carry. */
const UNCARRIED: readonly string[] = ['GET /api/v1/cameras/:cameraId/live.mjpeg'];
/** They end the session that they come with, or can be asked once. */
const isOnce = ({ method, route }: GoodRequest) => method !== 'GET' && /\/(?:session|setup)$/.test(route);

let folder: string;
let harness: Harness;
let prism: ChildProcess;
let base: string;
let cookie: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const segmentPath = join(folder, 'segment.mp4');
  writeFileSync(segmentPath, '0123456789');
  harness = await startHarness({ segmentPath });
  await harness.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = harness.app.server.address() as AddressInfo;
  cookie = await logIn(harness.app, 'admin');
  const document = (await harness.as('admin', { url: '/api/v1/openapi.json' })).body;
  writeFileSync(join(folder, 'openapi.json'), document);
  const own = await freePort();
  base = `http://127.0.0.1:${own}`;
  const argv = ['proxy', join(folder, 'openapi.json'), `http://127.0.0.1:${port}`, '-p', String(own)];
  prism = spawn(process.execPath, [PRISM, ...argv, '-h', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    prism.stdout?.on('data', (text: Buffer) => {
      if (text.includes('listening')) resolve();
    });
    prism.once('exit', () => reject(new Error('The validator did not start.')));
  });
}, 60_000);
afterAll(async () => {
  prism.kill('SIGKILL');
  await harness.close();
  rmSync(folder, { recursive: true });
});

interface Violation {
  readonly location: readonly string[];
  readonly severity: string;
  readonly message: string;
}

/** Sends a request through the validator; gives the answer's status and what is not as described. */
async function ask(session: string, method: string, url: string, body: string | null, type: string) {
  const answer = await fetch(`${base}${url}`, {
    method,
    headers: {
      ...(session === '' ? {} : { cookie: session }),
      ...(body === null ? {} : { 'content-type': type }),
    },
    body,
    redirect: 'manual',
  });
  await answer.arrayBuffer();
  const violations: readonly Violation[] = JSON.parse(answer.headers.get('sl-violations') ?? '[]');
  const said = violations.map(({ location, message }) => `${location.join('.')} ${message}`);
  return { status: answer.status, said };
}

function bodyOf({ payload, text }: GoodRequest): readonly [string | null, string] {
  if (text !== undefined) return [text.body, text.type];
  // An empty body is taken where none is needed, which is not described.
  const isEmpty = payload === undefined || Object.keys(payload).length === 0;
  return [isEmpty ? null : JSON.stringify(payload), 'application/json'];
}

const carried = GOOD_REQUESTS.map(
  (request) => [`${request.method} ${request.route}`, request] as const,
).filter(([name, { method }]) => !UNCARRIED.includes(name) && method !== 'HEAD');
const described = carried.filter(([name]) => !name.endsWith('/docs.css'));

describe('every route', () => {
  it.each(described)('%s answers as it is described', async (_, request) => {
    const { status, said } = await ask(
      isOnce(request) ? '' : cookie,
      request.method,
      request.url,
      ...bodyOf(request),
    );
    expect(said).toEqual([]);
    if (!isOnce(request)) expect(status).toBe(request.status ?? 200);
  });

  it.each(described)('%s refuses nobody as it is described', async (name, request) => {
    const { status, said } = await ask('', request.method, request.url, ...bodyOf(request));
    // That the login is missing is what is tried.
    expect(said.filter((line) => !/security|header/i.test(line))).toEqual([]);
    const isOpen = harness.app.knownRoutes.some(
      ({ methods, url, access }) =>
        methods.includes(request.method) && url === request.route && access === 'public',
    );
    if (!isOpen) expect(status, name).toBe(401);
  });
});

describe('the validator', () => {
  it('would say so', async () => {
    const { status, said } = await ask(cookie, 'GET', '/api/v1/events?limit=0', null, '');
    expect([status, said]).toEqual([400, [expect.stringContaining('limit')]]);
  });
});
