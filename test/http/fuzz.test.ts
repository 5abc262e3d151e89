/**
 * Thousands of hostile requests to every route that the description of the API names: none may fail the server, be
 * answered by anything but an answer or a problem, change anything when it is refused, or show a secret. The seed is
 * printed; `FUZZ_SEED` and `FUZZ_RUNS` set it and the number of requests.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/http/wire/system.ts';
import { type Harness, MARKER, problemOf, startHarness } from './harness.ts';
import { GOOD_REQUESTS, type GoodRequest } from './requests.ts';

const { FUZZ_SEED, FUZZ_RUNS } = process.env;
const SEED = Number(FUZZ_SEED ?? Date.now() % 2 ** 31);
const RUNS = Number(FUZZ_RUNS ?? 10_000);
const CHANGES = new Set(['create', 'update', 'remove', 'startRecording', 'stopRecording']);
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

interface Attempt {
  readonly role: Role | null;
  readonly request: InjectOptions & { readonly url: string };
}

let folder: string;
let harness: Harness;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const segmentPath = join(folder, 'segment.mp4');
  writeFileSync(segmentPath, '0123456789');
  harness = await startHarness({ segmentPath });
});
afterAll(async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
});

const words = [
  ...['', ' ', '.', '..', '../../etc/passwd', '..\\..\\x', '%2e%2e%2f', '%00', '\u0000', '\r\nX-Evil: 1'],
  ...["' OR 1=1 --", '<script>alert(1)</script>', '$' + '{7*7}', '$(id)', '`id`', '__proto__', 'constructor'],
  ...['-1', '0', '1.5', '1e3', '1e309', 'NaN', 'Infinity', '0x10', '007', 'null', 'true', '9'.repeat(400)],
  ...[
    'a'.repeat(5_000),
    '현관',
    '🎥',
    '\u202e',
    '\ufeff',
    '\ud800',
    'ａ',
    'İ',
    'rtsp://a b/',
    'file:///etc/passwd',
  ],
];
const hostileText = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const hostileJson = fc.oneof(
  hostileText,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(
    null,
    true,
    -0,
    1e308,
    2 ** 53,
    -1,
    0.1,
    [],
    {},
    [[[[]]]],
    { kind: 'rtsp' },
    { kind: 'test' },
  ),
);

/** What stands in a path or query; now and then it cannot even be decoded. */
const hostilePart = fc.oneof(
  {
    weight: 6,
    arbitrary: hostileText.map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))),
  },
  { weight: 1, arbitrary: fc.constantFrom('%', '%zz', '%ff', '%c0%ae', '//', '?', ';', '&=', '+') },
);

/** The URL of a route, as often as not with some of its parts replaced and a query appended. */
function hostileUrl(url: string): fc.Arbitrary<string> {
  const parts = url.split(/(?<=[/?&=-])/);
  const replacements = fc.array(fc.tuple(fc.nat(parts.length), hostilePart), { maxLength: 2 });
  const name = fc.oneof(fc.constantFrom('start', 'end', 'limit', 'cursor'), hostilePart);
  const appended = fc.array(fc.tuple(name, hostilePart), { maxLength: 2 });
  const changed = fc.tuple(replacements, appended).map(([places, pairs]) => {
    const spoiltParts = [...parts];
    for (const [at, part] of places) if (at > 2 && at < parts.length) spoiltParts[at] = part;
    const query = pairs.map(([key, value]) => `${key}=${value}`).join('&');
    return spoiltParts.join('') + (query === '' ? '' : `${url.includes('?') ? '&' : '?'}${query}`);
  });
  return fc.oneof(fc.constant(url), changed);
}

const goodBodies: readonly object[] = [
  { name: 'a', source: { kind: 'rtsp', url: 'rtsp://192.0.2.1/', username: 'u', password: MARKER } },
  {
    name: 'a',
    id: 'a',
    enabled: true,
    source: { kind: 'test', width: 640, height: 360, fps: 25 },
    mode: 'off',
  },
  { source: { kind: 'rtsp', password: MARKER } },
  { name: 'viewer', password: MARKER },
  {},
];

/** The same object with something hostile at one place of it. */
function spoilt(value: object, path: readonly number[], replacement: unknown, extra: string | null): object {
  const copy: Record<string, unknown> = structuredClone({ ...value });
  let place = copy;
  for (const step of path) {
    const keys = Object.keys(place);
    const key = keys[step % Math.max(1, keys.length)];
    const inner = key === undefined ? undefined : place[key];
    if (key === undefined || typeof inner !== 'object' || inner === null) {
      if (key !== undefined) place[key] = replacement;
      break;
    }
    place = Object.assign(inner);
  }
  if (extra !== null) Object.defineProperty(place, extra, { value: replacement, enumerable: true });
  return copy;
}

const hostileBody = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...goodBodies),
        fc.array(fc.nat(6), { maxLength: 3 }),
        hostileJson,
        fc.option(hostileText),
      )
      .map(([body, path, replacement, extra]) => JSON.stringify(spoilt(body, path, replacement, extra))),
  },
  { weight: 2, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['{', '{"name":', '[1,]', "{'a':1}", '\ufeff{}', '{}{}', '"\\ud800"', '{"a":1,"a":2}', '1e999', '-'],
      ...['['.repeat(50_000), `${'{"source":'.repeat(2_000)}1${'}'.repeat(2_000)}`, `{"__proto__":{"x":1}}`],
      `{"name":"a","source":{"kind":"test"},"constructor":{"prototype":{}}}`,
      `"${'x'.repeat(1024 * 1024)}"`,
    ),
  },
);

const hostileHeaders = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...['if-match', 'if-none-match', 'if-range', 'range', 'accept', 'accept-encoding', 'host', 'origin'],
        ...['cookie', 'content-encoding', 'sec-fetch-site', 'x-forwarded-for', 'x-forwarded-proto', 'expect'],
        ...['x-http-method-override', 'if-modified-since', 'content-length'],
      ),
      fc.oneof(
        hostileText,
        fc.constantFrom('bytes=0-', 'bytes=-1', 'bytes=0-0,1-1', '"7"', '*', 'gzip', 'null'),
      ),
    ),
    { maxLength: 2 },
  )
  // Node refuses to send other characters in a header, and so to read them.
  .map((headers) =>
    Object.fromEntries(headers.map(([name, value]) => [name, value.replace(/[^\t\x20-\x7e]/g, '')])),
  );

const contentType = fc.constantFrom(
  ...Array.from({ length: 8 }, () => 'application/json'),
  ...['application/json; charset=utf-16', 'APPLICATION/JSON', 'application/json;', 'text/plain', 'json', ''],
  ...['application/x-www-form-urlencoded', 'multipart/form-data', 'application/problem+json'],
);

/** An attempt at a route; every part of it is left as it should be often enough for the others to matter. */
function attemptAt({ method, url, payload }: GoodRequest): fc.Arbitrary<Attempt> {
  const good = payload === undefined ? null : JSON.stringify(payload);
  return fc
    .record({
      role: fc.constantFrom<Role | null>('admin', 'admin', 'admin', 'admin', 'admin', 'viewer', null),
      method: fc.oneof({ weight: 4, arbitrary: fc.constant(method) }, fc.constantFrom(...METHODS)),
      url: hostileUrl(url),
      headers: fc.oneof(fc.constant({}), hostileHeaders),
      type: contentType,
      body: fc.oneof(fc.constant(good), payload === undefined ? fc.option(hostileBody) : hostileBody),
    })
    .map(({ role, method, url, headers, type, body }) => ({
      // A login or logout would end the session of those that follow.
      role: url.includes('session') && method !== 'GET' ? null : role,
      request: {
        method,
        url,
        headers: body === null ? headers : { ...headers, 'content-type': type },
        ...(body === null ? {} : { payload: body }),
      },
    }));
}

/** Routes that take a body are tried more often: there is more to get wrong. Not logins, which take their time. */
const attempts = fc.oneof(
  ...GOOD_REQUESTS.map((good) => ({
    weight: good.payload && !good.url.includes('session') ? 4 : 1,
    arbitrary: attemptAt(good),
  })),
);

async function survive({ role, request }: Attempt): Promise<number> {
  // What an admin's good request did to users must not keep the next ones out.
  await harness.restore();
  harness.setup.finish();
  harness.calls.length = 0;
  harness.log.length = 0;
  const answer = await harness.as(role, request);
  expect(answer.statusCode).toBeLessThan(500);
  expect(answer.body).not.toContain(MARKER);
  expect(harness.log.join('')).not.toContain(MARKER);
  expect(answer.headers['x-evil']).toBeUndefined();
  if (answer.statusCode >= 400) {
    if (request.method !== 'HEAD') problemOf(answer);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(harness.calls.filter(([name]) => CHANGES.has(name))).toEqual([]);
  }
  return answer.statusCode;
}

describe('hostile requests', () => {
  it(`fail nothing: ${RUNS} with seed ${SEED}`, { timeout: 300_000 }, async () => {
    console.info(`fuzz seed ${SEED}`);
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(attempts, async (attempt) => {
        const status = await survive(attempt);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    console.info('answers by status', Object.fromEntries(statuses));
    // Otherwise the requests would not reach what they are meant to try.
    for (const status of [200, 201, 204, 400, 401, 403, 404, 405, 415])
      expect(statuses.get(status), String(status)).toBeGreaterThan(0);
    expect((await harness.as('admin', { url: '/api/v1/cameras' })).statusCode).toBe(200);
  });
});
