/** A good request of every route, with what it must do: used to show that it works, who may make it, and more. */
import type { HTTPMethods } from 'fastify';
import { expect } from 'vitest';
import type { CachePolicy } from '../../src/http/rules.ts';
import { ACCESS_REQUESTS } from './accessRequests.ts';
import { EVENT_REQUESTS } from './eventRequests.ts';
import { FINDING_REQUESTS } from './findingRequests.ts';
import {
  CAMERA,
  type Call,
  CERTIFICATE,
  HELD,
  NOW,
  POLICY,
  PROTECTION,
  RUN,
  SCHEDULE,
  SETTINGS,
  STEP,
  STORAGE,
  USER_PASSWORD,
  WATCHING,
} from './harness.ts';
import { PICTURE_REQUESTS } from './pictureRequests.ts';

export interface GoodRequest {
  readonly method: HTTPMethods;
  /** As the route was registered. */
  readonly route: string;
  readonly url: string;
  /** JSON, or text of another type. */
  readonly payload?: object;
  readonly text?: { readonly type: string; readonly body: string };
  readonly status?: number;
  /** The status for whom it lets in and is no admin, because it is about what is somebody else’s. */
  readonly others?: number;
  readonly calls: readonly Call[];
  /** The body of the answer: JSON, or text. */
  readonly answer: unknown;
  readonly type?: string;
  readonly cache?: CachePolicy;
}

const API = '/api/v1';
const CAMERA_URL = `${API}/cameras/front-door`;
const INTERVAL = { startMs: NOW, endMs: NOW + 60_000 };
const RANGE = `start=${NOW}&end=${NOW + 60_000}`;
const SOURCE = { kind: 'rtsp', url: 'rtsp://192.0.2.1/main' };
const JSON_TYPE = 'application/json; charset=utf-8';
const PLAYLIST = 'application/vnd.apple.mpegurl';

function get(route: string, url: string, calls: readonly Call[], answer: unknown): GoodRequest {
  return { method: 'GET', route, url, calls, answer, type: JSON_TYPE };
}

const CAMERAS: readonly GoodRequest[] = [
  get(`${API}/cameras`, `${API}/cameras`, [['list']], { cameras: [CAMERA] }),
  {
    ...get(`${API}/cameras`, `${API}/cameras`, [['create', { name: 'Front door', source: SOURCE }]], CAMERA),
    method: 'POST',
    payload: { name: 'Front door', source: SOURCE },
    status: 201,
  },
  get(`${API}/cameras/:cameraId`, CAMERA_URL, [['get', 'front-door']], CAMERA),
  {
    ...get(`${API}/cameras/:cameraId`, CAMERA_URL, [['update', 'front-door', { mode: 'off' }, null]], CAMERA),
    method: 'PATCH',
    payload: { mode: 'off' },
  },
  {
    method: 'DELETE',
    route: `${API}/cameras/:cameraId`,
    url: CAMERA_URL,
    status: 204,
    calls: [['remove', 'front-door', null]],
    answer: '',
  },
  {
    ...get(
      `${API}/cameras/:cameraId/clone`,
      `${CAMERA_URL}/clone`,
      [['clone', 'front-door', 'Back door']],
      CAMERA,
    ),
    method: 'POST',
    payload: { name: 'Back door' },
    status: 201,
  },
  {
    ...get(
      `${API}/cameras/bulk`,
      `${API}/cameras/bulk`,
      [['update', 'front-door', { group: 'Yard', tags: ['gate'] }, null]],
      { results: [{ cameraId: 'front-door', status: 200, revision: 7, detail: null }] },
    ),
    method: 'POST',
    payload: { cameras: ['front-door'], patch: { group: 'Yard', tags: ['gate'] } },
  },
  {
    ...get(
      `${API}/cameras/:cameraId/recording/start`,
      `${CAMERA_URL}/recording/start`,
      [['startRecording', 'front-door']],
      CAMERA,
    ),
    method: 'POST',
  },
  {
    ...get(
      `${API}/cameras/:cameraId/recording/stop`,
      `${CAMERA_URL}/recording/stop`,
      [['stopRecording', 'front-door']],
      CAMERA,
    ),
    method: 'POST',
    payload: {},
  },
  get(`${API}/devices`, `${API}/devices`, [], { video: [], audio: [] }),
  get(`${API}/encoders`, `${API}/encoders`, [], {
    encoders: [{ name: 'x264enc', says: 'x264', state: 'chosen', reason: null }],
  }),
  {
    ...get(`${API}/probe`, `${API}/probe`, [['probe', SOURCE]], {
      video: { codec: 'h265', width: 640, height: 360, fps: 12.5 },
      audio: null,
    }),
    method: 'POST',
    payload: { source: SOURCE },
  },
];

const ARCHIVE: readonly GoodRequest[] = [
  get(
    `${API}/cameras/:cameraId/segments`,
    `${CAMERA_URL}/segments?${RANGE}&limit=7&cursor=${NOW}-4`,
    [['segments', 'front-door', INTERVAL, { limit: 7, after: { startMs: NOW, id: 4 } }]],
    {
      segments: [{ id: 5, runId: RUN, ...INTERVAL, bytes: 1000, frames: 1500, open: false }],
      next: `${NOW}-5`,
    },
  ),
  get(
    `${API}/cameras/:cameraId/recordings`,
    `${CAMERA_URL}/recordings?${RANGE}`,
    [
      ['recordings', 'front-door', INTERVAL],
      ['missing', 'front-door', INTERVAL],
    ],
    {
      recordings: [{ ...INTERVAL, beginReason: 'manual', endReason: 'stopped', clockOffsetMs: 0 }],
      onMissingVolume: [{ startMs: NOW, endMs: NOW + 1000 }],
    },
  ),
  get(`${API}/cameras/:cameraId/gaps`, `${CAMERA_URL}/gaps?${RANGE}`, [['gaps', 'front-door', INTERVAL]], {
    gaps: [{ startMs: NOW, endMs: null, cause: 'unreachable' }],
  }),
  get(`${API}/cameras/:cameraId/days`, `${CAMERA_URL}/days`, [['days', 'front-door']], {
    days: [{ day: '2026-03-29', ...INTERVAL, recordedMs: 1234.5 }],
  }),
  {
    ...get(
      `${API}/cameras/:cameraId/playlist.m3u8`,
      `${CAMERA_URL}/playlist.m3u8?${RANGE}`,
      [['playlist', 'front-door', INTERVAL]],
      '#EXTM3U\n#interval\n',
    ),
    type: PLAYLIST,
  },
  {
    ...get(
      `${API}/cameras/:cameraId/days/:day/playlist.m3u8`,
      `${CAMERA_URL}/days/2024-02-29/playlist.m3u8`,
      [['dayPlaylist', 'front-door', '2024-02-29']],
      '#EXTM3U\n#day\n',
    ),
    type: PLAYLIST,
  },
  {
    ...get(`${API}/runs/:runId/init.mp4`, `${API}/runs/${RUN}/init.mp4`, [['initOf', RUN]], 'ftyp+moov'),
    type: 'video/mp4',
    cache: 'immutable',
  },
  {
    ...get(
      `${API}/segments/:segmentId/gops/:from-:to.m4s`,
      `${API}/segments/5/gops/0-12.m4s`,
      [['readGops', 5, 0, 12]],
      'moof+mdat',
    ),
    type: 'video/iso.segment',
    cache: 'immutable',
  },
  {
    ...get(
      `${API}/segments/:segmentId/file.mp4`,
      `${API}/segments/5/file.mp4`,
      [['segmentFile', 5]],
      '0123456789',
    ),
    type: 'video/mp4',
    cache: 'immutable',
  },
];

const EXPORTS: readonly GoodRequest[] = [
  get(
    `${API}/cameras/:cameraId/export/parts`,
    `${CAMERA_URL}/export/parts?${RANGE}&gaps=split`,
    [['exportParts', 'front-door', INTERVAL, 'split']],
    { parts: [{ part: 1, ...INTERVAL, recordedMs: 59_000 }] },
  ),
  {
    ...get(
      `${API}/cameras/:cameraId/export.mp4`,
      `${CAMERA_URL}/export.mp4?${RANGE}&part=2`,
      [['openExport', 'front-door', INTERVAL, { gaps: 'close', part: 2, format: 'mp4' }]],
      '0123456789',
    ),
    type: 'video/mp4',
    cache: 'revalidate',
  },
];

/** Whoever the table's requests come from. */
const HLS_CLIENT = { user: expect.any(String), player: '127.0.0.1 lightMyRequest' };
/** A session description of a viewer (RFC 8866). */
const OFFER = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n';
const VIEWER = { camera: 'front-door', user: expect.any(String) };
const WHEP: readonly GoodRequest[] = [
  {
    method: 'POST',
    route: `${API}/cameras/:cameraId/whep`,
    url: `${CAMERA_URL}/whep`,
    text: { type: 'application/sdp', body: OFFER },
    status: 201,
    calls: [['openWhep', VIEWER, OFFER]],
    answer: 'v=0\r\n',
    type: 'application/sdp',
  },
  {
    method: 'DELETE',
    route: `${API}/cameras/:cameraId/whep/:viewId`,
    url: `${CAMERA_URL}/whep/${RUN}`,
    status: 204,
    calls: [['closeWhep', VIEWER, RUN]],
    answer: '',
  },
];
const LIVE: readonly GoodRequest[] = [
  get(`${API}/viewers`, `${API}/viewers`, [], { total: 1, viewers: [WATCHING] }),
  {
    method: 'DELETE',
    route: `${API}/viewers/:viewerId`,
    url: `${API}/viewers/3`,
    status: 204,
    calls: [['endViewer', 3]],
    answer: '',
  },
  get(`${API}/certificate`, `${API}/certificate`, [], { certificate: CERTIFICATE }),
  {
    ...get(
      `${API}/cameras/:cameraId/live/playlist.m3u8`,
      `${CAMERA_URL}/live/playlist.m3u8`,
      [['livePlaylist', 'front-door', { reload: null, skip: false }, HLS_CLIENT]],
      '#EXTM3U\n#live\n',
    ),
    type: PLAYLIST,
  },
  {
    ...get(
      `${API}/cameras/:cameraId/live/:runId/parts/:first.m4s`,
      `${CAMERA_URL}/live/${RUN}/parts/7.m4s`,
      [['livePart', 'front-door', RUN, 7, HLS_CLIENT]],
      'part',
    ),
    type: 'video/iso.segment',
    cache: 'immutable',
  },
  {
    ...get(
      `${API}/cameras/:cameraId/live/:runId/init.mp4`,
      `${CAMERA_URL}/live/${RUN}/init.mp4`,
      [['liveInit', 'front-door', RUN]],
      'live init',
    ),
    type: 'video/mp4',
    cache: 'immutable',
  },
  {
    ...get(
      `${API}/cameras/:cameraId/live/:runId/:from-:to.m4s`,
      `${CAMERA_URL}/live/${RUN}/3-3.m4s`,
      [['liveFragments', 'front-door', RUN, 3, 3, HLS_CLIENT]],
      'first,second',
    ),
    type: 'video/iso.segment',
    cache: 'immutable',
  },
];

const { wanted: _wanted, nextChangeMs: _nextChangeMs, ...SCHEDULE_INPUT } = SCHEDULE;
const { startMs, endMs, note } = PROTECTION;
const KEEPING: readonly GoodRequest[] = [
  get(`${API}/storage`, `${API}/storage`, [['report']], STORAGE),
  get(`${API}/holding`, `${API}/holding`, [['held']], { cameras: [HELD] }),
  {
    ...get(
      `${API}/holding/:cameraId/restore`,
      `${API}/holding/back-door/restore`,
      [['restore', 'back-door']],
      CAMERA,
    ),
    method: 'POST',
  },
  {
    ...get(`${API}/holding/:cameraId`, `${API}/holding/back-door`, [['purge', 'back-door']], HELD),
    method: 'DELETE',
    status: 202,
  },
  get(`${API}/cameras/:cameraId/retention`, `${CAMERA_URL}/retention`, [['retention', 'front-door']], POLICY),
  {
    ...get(
      `${API}/cameras/:cameraId/retention`,
      `${CAMERA_URL}/retention`,
      [['setRetention', 'front-door', POLICY]],
      POLICY,
    ),
    method: 'PUT',
    payload: POLICY,
  },
  get(`${API}/cameras/:cameraId/protections`, `${CAMERA_URL}/protections`, [['protections', 'front-door']], {
    protections: [PROTECTION],
  }),
  {
    ...get(
      `${API}/cameras/:cameraId/protections`,
      `${CAMERA_URL}/protections`,
      [['protect', 'front-door', { startMs, endMs, note }, expect.stringMatching(/^(admin|operator)$/)]],
      PROTECTION,
    ),
    method: 'POST',
    payload: { startMs, endMs, note },
    status: 201,
  },
  {
    method: 'DELETE',
    route: `${API}/cameras/:cameraId/protections/:protectionId`,
    url: `${CAMERA_URL}/protections/4`,
    status: 204,
    calls: [['unprotect', 'front-door', 4]],
    answer: '',
  },
  get(`${API}/cameras/:cameraId/schedule`, `${CAMERA_URL}/schedule`, [['schedule', 'front-door']], SCHEDULE),
  {
    ...get(
      `${API}/cameras/:cameraId/schedule`,
      `${CAMERA_URL}/schedule`,
      [['setSchedule', 'front-door', SCHEDULE_INPUT]],
      SCHEDULE,
    ),
    method: 'PUT',
    payload: SCHEDULE_INPUT,
  },
  {
    ...get(
      `${API}/cameras/:cameraId/schedule/override`,
      `${CAMERA_URL}/schedule/override`,
      [['override', 'front-door', SCHEDULE.override]],
      SCHEDULE,
    ),
    method: 'PUT',
    payload: SCHEDULE.override ?? {},
  },
  {
    ...get(
      `${API}/cameras/:cameraId/schedule/override`,
      `${CAMERA_URL}/schedule/override`,
      [['override', 'front-door', null]],
      SCHEDULE,
    ),
    method: 'DELETE',
  },
];

const REST: readonly GoodRequest[] = [
  get(`${API}/system`, `${API}/system`, [['info', 'all']], {
    version: '0.1.0',
    zone: 'Asia/Seoul',
    nowMs: NOW,
    startedMs: NOW,
    cameras: { total: 1, recording: 1, wanted: 1 },
  }),
  get(`${API}/settings/export`, `${API}/settings/export`, [['give', null]], SETTINGS),
  {
    ...get(`${API}/settings/export`, `${API}/settings/export`, [['give', 'correct horse battery']], SETTINGS),
    method: 'POST',
    payload: { passphrase: 'correct horse battery' },
  },
  {
    ...get(
      `${API}/settings/import`,
      `${API}/settings/import?dryRun=1`,
      [['take', { settings: SETTINGS }, true]],
      { done: false, steps: [STEP] },
    ),
    method: 'POST',
    payload: { settings: SETTINGS },
  },
  {
    ...get(`${API}/session`, `${API}/session`, [], {
      name: 'admin',
      role: 'admin',
      cameras: 'all',
      expiresMs: expect.any(Number),
    }),
    method: 'POST',
    payload: { name: 'admin', password: USER_PASSWORD },
  },
  get(`${API}/session`, `${API}/session`, [], {
    name: 'admin',
    role: 'admin',
    cameras: 'all',
    expiresMs: expect.any(Number),
  }),
  { method: 'DELETE', route: `${API}/session`, url: `${API}/session`, status: 204, calls: [], answer: '' },
  get('/healthz', '/healthz', [], { status: 'ok', reasons: [] }),
  {
    ...get(
      '/metrics',
      '/metrics',
      [['metrics']],
      '# HELP nightjar_bytes_total Bytes.\n# TYPE nightjar_bytes_total counter\n' +
        'nightjar_bytes_total{camera="front-door"} 5\n',
    ),
    type: 'text/plain; version=0.0.4; charset=utf-8',
  },
  get('/readyz', '/readyz', [['troubles', 'all']], { status: 'ok', reasons: [] }),
];

const DESCRIPTION: readonly GoodRequest[] = [
  get(
    `${API}/openapi.json`,
    `${API}/openapi.json`,
    [],
    expect.objectContaining({ openapi: '3.1.0', info: expect.objectContaining({ title: 'Nightjar' }) }),
  ),
  {
    ...get(`${API}/docs`, `${API}/docs`, [], expect.stringMatching(/^<!doctype html>.*<\/html>\n$/s)),
    type: 'text/html; charset=utf-8',
  },
  {
    ...get(`${API}/docs.css`, `${API}/docs.css`, [], expect.stringContaining('body {')),
    type: 'text/css; charset=utf-8',
  },
];

export const GOOD_REQUESTS: readonly GoodRequest[] = [
  ...CAMERAS,
  ...ARCHIVE,
  ...EXPORTS,
  ...FINDING_REQUESTS,
  ...PICTURE_REQUESTS,
  ...EVENT_REQUESTS,
  ...KEEPING,
  ...LIVE,
  ...WHEP,
  ...REST,
  ...DESCRIPTION,
  ...ACCESS_REQUESTS,
];
