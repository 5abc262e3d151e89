/** Bad input: refused with the field named, before anything is asked of a port. */
import type { HTTPMethods } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Harness, MARKER, NOW, problemOf, RUN, startHarness } from './harness.ts';

const API = '/api/v1';
const CAMERA_URL = `${API}/cameras/front-door`;
const RTSP = { kind: 'rtsp', url: 'rtsp://192.0.2.1/' };
const DAY_MS = 86_400_000;
const CAMERA_OF_FILE = { name: 'a', id: 'a', source: { kind: 'test' } };
const PASS_OF_FILE = { ...CAMERA_OF_FILE, source: { ...RTSP, pass: MARKER } };

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.calls.length = 0;
});

async function expectRefusal(
  method: HTTPMethods,
  url: string,
  field: string,
  payload?: unknown,
  status = 400,
) {
  const body = payload === undefined ? {} : { payload: JSON.stringify(payload) };
  const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await harness.as('admin', { method, url, headers, ...body });
  expect(answer.statusCode, answer.body).toBe(status);
  const problem = problemOf(answer);
  expect(problem.field).toBe(field);
  expect(answer.body).not.toContain(MARKER);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(harness.calls).toEqual([]);
  return problem;
}

/** [the field that is wrong, the body] */
const CREATE: readonly (readonly [string, unknown])[] = [
  ['body', null],
  ['body', []],
  ['body', 'text'],
  ['body', 7],
  ['name', { source: RTSP }],
  ['name', { name: '', source: RTSP }],
  ['name', { name: '   ', source: RTSP }],
  ['name', { name: 'a\u0000b', source: RTSP }],
  ['name', { name: 'a\nb', source: RTSP }],
  ['name', { name: 'x'.repeat(101), source: RTSP }],
  ['name', { name: 7, source: RTSP }],
  ['name', { name: null, source: RTSP }],
  ['id', { name: 'a', id: '../etc', source: RTSP }],
  ['id', { name: 'a', id: 'UPPER', source: RTSP }],
  ['id', { name: 'a', id: '', source: RTSP }],
  ['id', { name: 'a', id: 'a'.repeat(65), source: RTSP }],
  ['id', { name: 'a', id: null, source: RTSP }],
  ['enabled', { name: 'a', enabled: 'true', source: RTSP }],
  ['enabled', { name: 'a', enabled: 1, source: RTSP }],
  ['audio', { name: 'a', audio: null, source: RTSP }],
  ['mode', { name: 'a', mode: 'sometimes', source: RTSP }],
  ['mode', { name: 'a', mode: '', source: RTSP }],
  ['source', { name: 'a' }],
  ['source', { name: 'a', source: null }],
  ['source', { name: 'a', source: 'rtsp://192.0.2.1/' }],
  ['source', { name: 'a', source: [RTSP] }],
  ['source.kind', { name: 'a', source: {} }],
  ['source.kind', { name: 'a', source: { kind: 'ftp', url: '/etc/passwd' } }],
  ['source.path', { name: 'a', source: { kind: 'file', url: '/etc/passwd' } }],
  ['source.device', { name: 'a', source: { kind: 'v4l2', device: '/etc/passwd' } }],
  ['source.audioDevice', { name: 'a', source: { kind: 'v4l2', device: '/dev/video0', audioDevice: 'a b' } }],
  ['source.width', { name: 'a', source: { kind: 'v4l2', device: '/dev/video0', width: 99999 } }],
  ['source.password', { name: 'a', source: { kind: 'srt', url: 'srt://192.0.2.1:9', password: 'short' } }],
  ['source.role', { name: 'a', source: { kind: 'srt', url: 'srt://192.0.2.1:9', role: 'both' } }],
  ['sub.url', { name: 'a', source: { kind: 'test' }, sub: { kind: 'rtmp' } }],
  ['encode.width', { name: 'a', source: { kind: 'test' }, encode: { width: 641 } }],
  ['encode.fps', { name: 'a', source: { kind: 'test' }, encode: { fps: 0 } }],
  ['encode.kbitPerSecond', { name: 'a', source: { kind: 'test' }, encode: { kbitPerSecond: 1 } }],
  ['encode.preset', { name: 'a', source: { kind: 'test' }, encode: { preset: 'best' } }],
  ['encode.overlay', { name: 'a', source: { kind: 'test' }, encode: { overlay: {} } }],
  [
    'encode.overlay.position',
    { name: 'a', source: { kind: 'test' }, encode: { overlay: { position: 'left' } } },
  ],
  ['segmentSeconds', { name: 'a', source: { kind: 'test' }, segmentSeconds: 4 }],
  ['group', { name: 'a', source: { kind: 'test' }, group: ' ' }],
  ['group', { name: 'a', source: { kind: 'test' }, group: 'x'.repeat(61) }],
  ['tags', { name: 'a', source: { kind: 'test' }, tags: 'yard' }],
  ['tags', { name: 'a', source: { kind: 'test' }, tags: ['yard', 'yard'] }],
  ['tags.1', { name: 'a', source: { kind: 'test' }, tags: ['yard', 'a, b'] }],
  ['position', { name: 'a', source: { kind: 'test' }, position: -1 }],
  ['onDemand', { name: 'a', source: { kind: 'test' }, onDemand: 'yes' }],
  ['source.kind', { name: 'a', source: { kind: ['rtsp'], url: 'rtsp://192.0.2.1/' } }],
  ['source.url', { name: 'a', source: { kind: 'rtsp' } }],
  ['source.url', { name: 'a', source: { kind: 'rtsp', url: 7 } }],
  ['source.url', { name: 'a', source: { kind: 'rtsp', url: '' } }],
  ['source.url', { name: 'a', source: { kind: 'rtsp', url: `rtsp://${'x'.repeat(2048)}` } }],
  ['source.username', { name: 'a', source: { ...RTSP, username: 7 } }],
  ['source.username', { name: 'a', source: { ...RTSP, username: null } }],
  ['source.password', { name: 'a', source: { ...RTSP, password: [MARKER] } }],
  ['source.password', { name: 'a', source: { ...RTSP, password: `${MARKER}\u0000` } }],
  ['source.password', { name: 'a', source: { ...RTSP, password: MARKER.repeat(100) } }],
  ['source.transport', { name: 'a', source: { ...RTSP, transport: 'TCP' } }],
  ['source.width', { name: 'a', source: { kind: 'test', width: '640' } }],
  ['source.width', { name: 'a', source: { kind: 'test', width: 641 } }],
  ['source.height', { name: 'a', source: { kind: 'test', height: -2 } }],
  ['source.fps', { name: 'a', source: { kind: 'test', fps: 0 } }],
  ['source.fps', { name: 'a', source: { kind: 'test', fps: 12.5 } }],
  ['source.fps', { name: 'a', source: { kind: 'test', fps: 1e9 } }],
  // Unknown properties, at every level, and those of the other kind.
  ['colour', { name: 'a', source: RTSP, colour: 'red' }],
  ['revision', { name: 'a', source: RTSP, revision: 1 }],
  ['source.pass', { name: 'a', source: { ...RTSP, pass: MARKER } }],
  ['source.width', { name: 'a', source: { ...RTSP, width: 640 } }],
  ['source.url', { name: 'a', source: { kind: 'test', url: 'rtsp://192.0.2.1/' } }],
  ['source.constructor', { name: 'a', source: { ...RTSP, constructor: {} } }],
];

const PATCH: readonly (readonly [string, unknown])[] = [
  ['body', {}],
  ['body', []],
  ['id', { id: 'other' }],
  ['revision', { revision: 7 }],
  ['name', { name: null }],
  ['mode', { mode: 'x' }],
  ['tags', { tags: null }],
  ['group', { group: '' }],
  ['source', { source: null }],
  ['source.kind', { source: { password: MARKER } }],
  ['source.url', { source: { kind: 'rtsp', url: null } }],
  ['source.password', { source: { kind: 'rtsp', password: 7 } }],
  ['source.password', { source: { kind: 'rtsp', password: '' } }],
  ['source.hasPassword', { source: { kind: 'rtsp', hasPassword: false } }],
];

describe('bodies', () => {
  it.each(CREATE)('POST /cameras names %s in %j', async (field, body) => {
    await expectRefusal('POST', `${API}/cameras`, field, body);
  });

  it.each([
    ['cameras', { cameras: [], patch: { mode: 'off' } }],
    ['cameras', { cameras: ['a', 'a'], patch: { mode: 'off' } }],
    ['cameras.0', { cameras: ['../a'], patch: { mode: 'off' } }],
    ['patch', { cameras: ['a'], patch: {} }],
    ['patch.name', { cameras: ['a'], patch: { name: 'One for all' } }],
    ['patch.source', { cameras: ['a'], patch: { source: RTSP } }],
  ])('POST /cameras/bulk names %s in %j', async (field, body) => {
    await expectRefusal('POST', `${API}/cameras/bulk`, field, body);
  });

  const settings = { version: 1, exportedMs: NOW, cameras: [], webhooks: [] };
  it.each([
    ['settings', {}],
    ['settings.version', { settings: { ...settings, version: 2 } }],
    ['settings.colour', { settings: { ...settings, colour: 'red' } }],
    [
      'settings.users.0.passwordHash',
      { settings: { ...settings, users: [{ name: 'b', role: 'viewer', passwordHash: 'x' }] } },
    ],
    [
      'settings.cameras.0.colour',
      { settings: { ...settings, cameras: [{ ...CAMERA_OF_FILE, colour: 'red' }] } },
    ],
    ['settings.cameras.0.source.pass', { settings: { ...settings, cameras: [PASS_OF_FILE] } }],
    ['settings.webhooks.0.url', { settings: { ...settings, webhooks: [{ url: 'ftp://a' }] } }],
    ['passphrase', { settings, passphrase: MARKER.slice(0, 3) }],
  ])('POST /settings/import names %s in %j', async (field, body) => {
    await expectRefusal('POST', `${API}/settings/import`, field, body);
  });

  it.each(PATCH)('PATCH /cameras/:cameraId names %s in %j', async (field, body) => {
    await expectRefusal('PATCH', CAMERA_URL, field, body);
  });

  it.each([
    ['source', {}],
    ['source.kind', { source: { kind: 'x' } }],
    ['timeout', { source: RTSP, timeout: 1 }],
  ])('POST /probe names %s in %j', async (field, body) => {
    await expectRefusal('POST', `${API}/probe`, field, body);
  });

  it.each([
    ['name', { password: MARKER }],
    ['password', { name: 'admin' }],
    ['password', { name: 'admin', password: { $ne: '' } }],
    ['name', { name: ['admin'], password: MARKER }],
    ['remember', { name: 'admin', password: MARKER, remember: true }],
  ])('POST /session names %s in %j', async (field, body) => {
    await expectRefusal('POST', `${API}/session`, field, body);
  });

  it.each([
    ['start', 'at', { at: NOW }],
    ['stop', 'body', [1]],
  ])('POST …/recording/%s names %s in %j', async (verb, field, body) => {
    await expectRefusal('POST', `${CAMERA_URL}/recording/${verb}`, field, body);
  });

  it('names everything that is wrong, within bounds', async () => {
    const body = { name: '', mode: 'x', source: { kind: 'rtsp' }, extra: 1 };
    const { errors } = await expectRefusal('POST', `${API}/cameras`, 'extra', body);
    expect(errors).toEqual([
      { field: 'extra', message: 'is not known' },
      { field: 'name', message: expect.stringContaining('fewer than 1') },
      { field: 'source.url', message: 'is required' },
      { field: 'mode', message: 'must be one of continuous, manual, scheduled, off' },
    ]);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`extra${index}`, index]));
    const bounded = await expectRefusal('POST', `${API}/cameras`, 'name', many);
    expect(bounded.errors).toHaveLength(20);
    await expectRefusal('POST', `${API}/cameras`, 'x'.repeat(200), {
      name: 'a',
      source: RTSP,
      ['x'.repeat(9_000)]: 1,
    });
  });
});

describe('queries', () => {
  const range = `start=${NOW}&end=${NOW + 1}`;
  it.each([
    ['start', ''],
    ['end', `start=${NOW}`],
    ['start', `start=&end=${NOW}`],
    ['start', `start=1e3&end=${NOW}`],
    ['start', `start=0x10&end=${NOW}`],
    ['start', `start=%205&end=${NOW}`],
    ['start', `start=-1&end=${NOW}`],
    ['start', `start=1.5&end=${NOW}`],
    ['start', `start=2026-01-01&end=${NOW}`],
    ['start', `start=1&start=2&end=${NOW}`],
    ['end', `start=0&end=253402300800000`],
    ['end', `start=${NOW}&end=9999999999999999999`],
    ['end', `start=${NOW}&end=${NOW}`],
    ['end', `start=${NOW}&end=${NOW - 1}`],
    ['end', `start=${NOW}&end=${NOW + 400 * DAY_MS + 1}`],
    ['zone', `${range}&zone=UTC`],
    ['__proto__', `${range}&__proto__=1`],
  ])('of an interval: %s is named in %s', async (field, query) => {
    for (const resource of ['segments', 'recordings', 'gaps', 'playlist.m3u8']) {
      await expectRefusal('GET', `${CAMERA_URL}/${resource}?${query}`, field);
    }
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=1001'],
    ['limit', 'limit=all'],
    ['cursor', 'cursor='],
    ['cursor', 'cursor=5'],
    ['cursor', 'cursor=1-2-3'],
    ['cursor', `cursor=${'9'.repeat(15)}-1`],
    ['cursor', "cursor=1-2'--"],
  ])('of a page: %s is named in %s', async (field, query) => {
    await expectRefusal('GET', `${CAMERA_URL}/segments?${range}&${query}`, field);
  });

  it('takes exactly 400 days, and pages of 100 unless asked otherwise', async () => {
    const query = `start=${NOW}&end=${NOW + 400 * DAY_MS}`;
    const answer = await harness.as('viewer', { url: `${CAMERA_URL}/segments?${query}` });
    expect(answer.statusCode).toBe(200);
    expect(harness.calls).toEqual([
      ['segments', 'front-door', { startMs: NOW, endMs: NOW + 400 * DAY_MS }, { limit: 100, after: null }],
    ]);
  });

  it.each(['/cameras', '/system', '/cameras/front-door', '/cameras/front-door/days', '/session'])(
    'are refused by %s, which knows none',
    async (path) => {
      await expectRefusal('GET', `${API}${path}?verbose=1`, 'verbose');
    },
  );
});

describe('paths', () => {
  it.each([
    ['cameraId', `${API}/cameras/Front`],
    ['cameraId', `${API}/cameras/-a`],
    ['cameraId', `${API}/cameras/${'a'.repeat(65)}`],
    ['cameraId', `${API}/cameras/a%00`],
    ['cameraId', `${API}/cameras/..%2f..%2fetc%2fpasswd`],
    ['cameraId', `${API}/cameras/%2e%2e%2fx/days`],
    ['cameraId', `${API}/cameras/..%5c..%5cx/days`],
    ['cameraId', `${API}/cameras/%EF%BC%8E%EF%BC%8E/days`],
    ['runId', `${API}/runs/1/init.mp4`],
    ['runId', `${API}/runs/..%2f..%2fx/init.mp4`],
    ['runId', `${API}/runs/${RUN.toUpperCase()}/init.mp4`],
    ['segmentId', `${API}/segments/0/file.mp4`],
    ['segmentId', `${API}/segments/-1/file.mp4`],
    ['segmentId', `${API}/segments/1.5/file.mp4`],
    ['segmentId', `${API}/segments/01/file.mp4`],
    ['segmentId', `${API}/segments/9007199254740993/file.mp4`],
    ['segmentId', `${API}/segments/..%2f..%2fetc%2fpasswd/file.mp4`],
    ['from', `${API}/segments/5/gops/-0-1.m4s`],
    ['from', `${API}/segments/5/gops/a-1.m4s`],
    ['from', `${API}/segments/5/gops/1000000001-1.m4s`],
    ['to', `${API}/segments/5/gops/1-1.m4s`],
    ['to', `${API}/segments/5/gops/2-1.m4s`],
    ['to', `${API}/segments/5/gops/0-1e1.m4s`],
    ['from', `${API}/segments/5/gops/0-1-2.m4s`],
    ['to', `${CAMERA_URL}/live/${RUN}/4-3.m4s`],
    ['runId', `${CAMERA_URL}/live/x/3-4.m4s`],
    ['day', `${CAMERA_URL}/days/today/playlist.m3u8`],
    ['day', `${CAMERA_URL}/days/2026-02-29/playlist.m3u8`],
    ['day', `${CAMERA_URL}/days/2026-13-01/playlist.m3u8`],
    ['day', `${CAMERA_URL}/days/..%2f2026-01-01/playlist.m3u8`],
  ])('%s is named in %s', async (field, url) => {
    await expectRefusal('GET', url, field);
  });

  it.each([
    `${API}/../../etc/passwd`,
    `${API}/segments/5/../../../etc/passwd`,
    `${API}/segments/5/gops/0-1.m4s/../../file.mp4x`,
    `${API}/segments/5/gops/0-1.m4sx`,
    `${API}/segments/5/gops/0-1xm4s`,
    `${API}/segments/5/file.mp4/`,
    `${API}//cameras`,
    `${API}/cameras/${'a'.repeat(10_000)}`,
    '/etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/API/V1/cameras',
  ])('%s is not found', async (url) => {
    const answer = await harness.as('admin', { url });
    expect([404, 414]).toContain(answer.statusCode);
    expect(problemOf(answer).field).toBeUndefined();
    expect(harness.calls).toEqual([]);
  });

  it.each([`${API}/cameras/%`, `${API}/cameras/%zz`, `${API}/cameras/%ff`])(
    '%s cannot be read',
    async (url) => {
      const answer = await harness.as('admin', { url });
      expect(problemOf(answer).status).toBe(400);
      expect(harness.calls).toEqual([]);
    },
  );
});
