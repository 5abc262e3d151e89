/** A server over fake ports that note every call, and users of each role who are logged in. */

import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import pino from 'pino';
import type { Grant, Role } from '../../src/domain/access.ts';
import { NvrError } from '../../src/domain/errors.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { type Clock, type EpochMs, epochMs } from '../../src/domain/time.ts';
import { hashPassword } from '../../src/http/auth/passwords.ts';
import type { Session, SessionStore, User, UserStore } from '../../src/http/auth/ports.ts';
import { hashed } from '../../src/http/auth/secret.ts';
import type { TlsKeys } from '../../src/http/instance.ts';
import type { ExportedFile, LiveSocketPort } from '../../src/http/ports.ts';
import { buildServer, type Ports, type ServerOptions } from '../../src/http/server.ts';
import type { ViewersPort } from '../../src/http/viewers.ts';
import type { CameraView } from '../../src/http/wire/camera.ts';
import type { HeldCamera } from '../../src/http/wire/holding.ts';
import type { Problem } from '../../src/http/wire/problem.ts';
import type { ScheduleView } from '../../src/http/wire/schedule.ts';
import type { SettingsFile } from '../../src/http/wire/settings.ts';
import type { ProtectionView, RetentionPolicy, StorageView } from '../../src/http/wire/storage.ts';
import type { ViewerView } from '../../src/http/wire/viewers.ts';
import { fakeEventPorts } from './eventFakes.ts';
import { findingPorts } from './findingPorts.ts';
import { MemoryAudit, MemorySetup, MemoryTokens } from './memoryAccess.ts';
import { picturePorts } from './picturePorts.ts';

export const NOW = epochMs(1_774_738_800_000);
export const RUN = runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111');
export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];
/** Must never be seen in an answer or a log line. */
export const MARKER = 'marker-pa55word';
export const USER_PASSWORD = 'correct horse';

export const CAMERA: CameraView = {
  id: cameraId('front-door'),
  name: 'Front door',
  enabled: true,
  source: {
    kind: 'rtsp',
    url: 'rtsp://192.0.2.1/main',
    username: 'admin',
    hasPassword: true,
    transport: 'tcp',
  },
  audio: true,
  mode: 'continuous',
  revision: 7,
  createdMs: NOW,
  updatedMs: NOW,
  status: {
    source: { state: 'live', sinceMs: NOW, attempt: 0, cause: null, message: null, retryMs: null },
    recording: { state: 'recording', wanted: true, reason: 'continuous', cause: null, sinceMs: NOW },
    format: { video: { codec: 'h264', width: 1920, height: 1080, fps: 25 }, audio: null },
    codecs: 'avc1.640028',
    runId: RUN,
    lastFragmentMs: NOW,
    lastDurableMs: NOW,
    driftPpm: -12,
    silent: { cause: 'busy', message: 'hw:1,0 is used by another program.' },
  },
};

export const POLICY: RetentionPolicy = {
  maxAgeMs: 2_592_000_000,
  maxBytes: null,
  minAgeMs: 86_400_000,
  minBytes: null,
  priority: 70,
};

export const PROTECTION: ProtectionView = {
  ...{ id: 4, startMs: NOW, endMs: NOW + 60_000 },
  ...{ note: 'Theft', createdMs: NOW, createdBy: 'operator' },
};

export const SCHEDULE: ScheduleView = {
  weekly: [{ days: [1, 2], from: '22:00', to: '06:00' }],
  exceptions: [{ date: '2026-12-25', ranges: [] }],
  override: { record: true, untilMs: NOW + 60_000 },
  wanted: true,
  nextChangeMs: NOW + 60_000,
};

export const STORAGE: StorageView = {
  whenFull: 'drop-oldest',
  volumes: [
    {
      ...{ id: 1, folder: '/media', state: 'ok', sinceMs: NOW, trouble: null, writeDelayMs: 12 },
      ...{ totalBytes: 1000, freeBytes: 100, reserveBytes: 50 },
      ...{ fillBytesPerSecond: 7, keptMs: 86_400_000, fullInMs: null, shortBytes: 0 },
      ...{ damagedFiles: 0, damagedBytes: 0 },
      alarm: { sinceMs: NOW, needBytes: 5, left: 'guaranteed' },
    },
  ],
  cameras: [
    {
      ...{ cameraId: 'front-door', segments: 3, bytes: 900, protectedBytes: 300 },
      ...{ oldestMs: NOW, newestMs: NOW + 180_000, bytesPerSecond: 5, keptMs: 86_400_000 },
      ...{ limit: 'space', unmet: ['age'], stopped: false },
    },
  ],
};

export const SETTINGS: SettingsFile = {
  ...{ version: 1, exportedMs: NOW },
  cameras: [{ id: 'front-door', name: 'Front door', source: { kind: 'test' }, retention: POLICY }],
  webhooks: [{ name: 'Home', url: 'https://hooks.example/a', enabled: true, kinds: null, cameras: null }],
  passwords: { salt: 'A'.repeat(22), sealed: 'v1.AAAA' },
};
export const STEP = { kind: 'camera', name: 'front-door', action: 'change', fields: ['mode'] } as const;

export const HELD: HeldCamera = {
  ...{ cameraId: 'back-door', name: 'Back door', restorable: true, segments: 3, bytes: 900 },
  ...{ protectedBytes: 300, oldestMs: NOW, newestMs: NOW + 180_000, deletedMs: NOW, purgeMs: null },
};

/** Of all users. */
const passwordHash = hashPassword(USER_PASSWORD);

/** A call of a port: its name and its arguments. */
export type Call = readonly [name: string, ...args: unknown[]];

/** Time that a test moves. */
export class HeldClock implements Clock {
  ms: number = NOW;
  now(): EpochMs {
    return epochMs(this.ms);
  }
  monotonic(): number {
    return this.ms;
  }
}

export class MemoryUsers implements UserStore {
  readonly rows = new Map<string, User>();
  noteLogin(name: string, loginMs: EpochMs): void {
    const user = this.find(name);
    if (user) this.update({ ...user, loginMs });
  }
  find(name: string): User | undefined {
    return this.rows.get(name.toLowerCase());
  }
  isEmpty(): boolean {
    return this.rows.size === 0;
  }
  list(): readonly User[] {
    return [...this.rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  update(user: User): void {
    if (!this.find(user.name)) throw new NvrError('not-found', 'There is no such user.');
    this.rows.set(user.name.toLowerCase(), user);
  }
  remove(name: string): void {
    if (!this.rows.delete(name.toLowerCase())) throw new NvrError('not-found', 'There is no such user.');
  }
  insert(user: User): void {
    if (this.find(user.name)) throw new NvrError('conflict', 'There is such a user.', { field: 'name' });
    this.rows.set(user.name.toLowerCase(), user);
  }
}

export class MemorySessions implements SessionStore {
  readonly rows = new Map<string, Session>();
  /** Whether a cookie is that of a session. */
  knows(cookie: string): boolean {
    return this.rows.has(hashed(cookie.split('=')[1] ?? ''));
  }
  find(tokenHash: string): Session | undefined {
    return this.rows.get(tokenHash);
  }
  list(): readonly Session[] {
    return [...this.rows.values()].sort((a, b) => b.seenMs - a.seenMs);
  }
  removeOf(userName: string, exceptHash: string | null): void {
    for (const { userName: name, tokenHash } of this.rows.values()) {
      if (name.toLowerCase() === userName.toLowerCase() && tokenHash !== exceptHash)
        this.rows.delete(tokenHash);
    }
  }
  insert(session: Session): void {
    this.rows.set(session.tokenHash, session);
  }
  touch(tokenHash: string, seenMs: EpochMs): void {
    const session = this.rows.get(tokenHash);
    if (session) this.rows.set(tokenHash, { ...session, seenMs });
  }
  remove(tokenHash: string): void {
    this.rows.delete(tokenHash);
  }
  removeExpired(createdBefore: EpochMs, seenBefore: EpochMs): void {
    for (const [key, { createdMs, seenMs }] of this.rows) {
      if (createdMs < createdBefore || seenMs < seenBefore) this.rows.delete(key);
    }
  }
}

/** Nobody logs in as this user, of another camera than the one there is; they have a session and a token. */
export const GUEST = 'lodger';
export const GUEST_SESSION = 'f'.repeat(16);
export const GUEST_TOKEN = '3b241101-e2bb-4255-8caf-4136c566a962';

function restoreAccess(
  { users, sessions, tokens, setup }: Pick<Harness, 'users' | 'sessions' | 'tokens' | 'setup'>,
  passwordHash: string,
): void {
  users.rows.clear();
  for (const role of ROLES) users.insert({ ...newUser(role), passwordHash });
  users.insert({ ...newUser('viewer', [cameraId('back-yard')]), name: GUEST });
  const times = { createdMs: NOW, seenMs: NOW };
  const tokenHash = 'f'.repeat(64);
  sessions.insert({ tokenHash, userName: GUEST, ...times, address: '192.0.2.9', agent: 'player' });
  tokens.rows.clear();
  tokens.insert({
    ...{ id: GUEST_TOKEN, tokenHash, name: 'Home', userName: GUEST, role: 'viewer', cameras: 'all' },
    ...{ createdMs: NOW, expiresMs: null, usedMs: null },
  });
  setup.begin();
}

/** A user of all cameras whose name is their role; without a password. */
export function newUser(role: Role, cameras: Grant = 'all'): User {
  return { name: role, role, cameras, enabled: true, passwordHash: '', createdMs: NOW, loginMs: null };
}

export const WATCHING: ViewerView = {
  ...{ id: 3, cameraId: 'front-door', stream: 'main', transport: 'll-hls', user: 'viewer' },
  ...{ sinceMs: NOW, lagMs: 250, skipped: 0 },
};
export const CERTIFICATE = { fingerprint: 'A5:5A', names: 'DNS:nvr', selfSigned: true, expiresMs: NOW };

function fakeViewers(calls: Call[]): ViewersPort {
  return {
    list: () => [WATCHING],
    get: () => WATCHING,
    end(id) {
      calls.push(['endViewer', id]);
    },
  };
}

/** Answers each message with a text and a binary message. */
const echo: LiveSocketPort = {
  connect: (transport, user, mayUse) => ({
    receive(text) {
      const known = mayUse(cameraId('front-door')) ? '' : ' in the dark';
      transport.text(`${user} said ${text}${known}`);
      transport.binary(Buffer.from('header'), Buffer.from('body'));
    },
    close: () => {},
  }),
};

export interface Harness {
  readonly app: FastifyInstance;
  readonly calls: Call[];
  readonly clock: HeldClock;
  readonly users: MemoryUsers;
  readonly sessions: MemorySessions;
  readonly tokens: MemoryTokens;
  readonly audit: MemoryAudit;
  readonly setup: MemorySetup;
  /** What the server logged, one line each. */
  readonly log: string[];
  /** Replaces the answer of a port method, by its name in `calls`; it may throw. */
  readonly answers: Map<string, () => unknown>;
  /** A request with the session of a user of this role; null for nobody. */
  as(role: Role | null, request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Puts users, tokens and the set-up back as they were. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the server; `segmentPath` is the file behind every segment. */
export async function startHarness(
  options: {
    segmentPath?: string;
    webFolder?: string;
    trustedProxies?: string[];
    tls?: TlsKeys;
    userHeader?: string;
    events?: Ports['events'];
    liveSocket?: LiveSocketPort;
    live?: Ports['live'];
    legacy?: ServerOptions['legacy'];
  } = {},
): Promise<Harness> {
  const calls: Call[] = [];
  const log: string[] = [];
  const answers = new Map<string, () => unknown>();
  const clock = new HeldClock();
  const users = new MemoryUsers();
  const sessions = new MemorySessions();
  const [tokens, audit, setup] = [new MemoryTokens(), new MemoryAudit(), new MemorySetup()];
  const ports = {
    ...fakePorts(calls, answers, options.segmentPath ?? '/nowhere/segment.mp4'),
    ...(options.events === undefined ? {} : { events: options.events }),
    ...(options.live === undefined ? {} : { live: options.live }),
    liveSocket: options.liveSocket ?? echo,
    viewers: fakeViewers(calls),
    certificate: () => CERTIFICATE,
    users,
    sessions,
    tokens,
    audit,
    setup,
    clock,
  };
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const { webFolder = null, trustedProxies = [], userHeader = null, tls = null } = options;
  const { legacy = null } = options;
  const app = buildServer({ logger, webFolder, trustedProxies, userHeader, tls, legacy }, ports);
  await app.ready();
  const restore = async (): Promise<void> => {
    restoreAccess({ users, sessions, tokens, setup }, await passwordHash);
  };
  await restore();
  const cookies = new Map<Role, Promise<string>>();
  const as = async (role: Role | null, request: InjectOptions): Promise<LightMyRequestResponse> => {
    if (role === null) return await app.inject(request);
    const known = await cookies.get(role);
    const cookie = known !== undefined && sessions.knows(known) ? Promise.resolve(known) : logIn(app, role);
    cookies.set(role, cookie);
    return await app.inject({ ...request, headers: { cookie: await cookie, ...request.headers } });
  };
  return {
    app,
    calls,
    clock,
    users,
    sessions,
    tokens,
    audit,
    setup,
    log,
    answers,
    as,
    restore,
    close: () => app.close(),
  };
}

/** Logs a user in and gives the cookie as a browser sends it back. */
export async function logIn(app: FastifyInstance, name: string, password = USER_PASSWORD): Promise<string> {
  const answer = await app.inject({ method: 'POST', url: '/api/v1/session', payload: { name, password } });
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
}

function fakePorts(
  calls: Call[],
  answers: Map<string, () => unknown>,
  segmentPath: string,
): Pick<
  Ports,
  | 'cameras'
  | 'archive'
  | 'exports'
  | 'finding'
  | 'storage'
  | 'holding'
  | 'events'
  | 'live'
  | 'settings'
  | 'system'
  | 'whep'
  | 'pictures'
  | 'devices'
> {
  function noted<Args extends unknown[], Answer>(name: string, answer: Answer) {
    return async (...args: Args): Promise<Answer> => {
      calls.push([name, ...args]);
      const replaced = answers.get(name);
      return replaced === undefined ? answer : (replaced() as Answer);
    };
  }
  const interval = { startMs: NOW, endMs: epochMs(NOW + 60_000) };
  const segment = { id: 5, runId: RUN, ...interval, bytes: 1000, frames: 1500, open: false };
  return {
    cameras: {
      list: noted('list', [CAMERA]),
      get: noted('get', CAMERA),
      create: noted('create', CAMERA),
      update: noted('update', CAMERA),
      remove: noted('remove', undefined),
      clone: noted('clone', CAMERA),
      startRecording: noted('startRecording', CAMERA),
      stopRecording: noted('stopRecording', CAMERA),
      probe: noted('probe', {
        video: { codec: 'h265', width: 640, height: 360, fps: 12.5 },
        audio: null,
      } as const),
      probePicture: noted('probePicture', Buffer.from('a jpeg')),
    },
    archive: {
      segments: noted('segments', { items: [segment], more: true }),
      recordings: noted('recordings', [
        { ...interval, beginReason: 'manual', endReason: 'stopped', clockOffsetMs: 0 },
      ]),
      missing: noted('missing', [{ startMs: NOW, endMs: epochMs(NOW + 1000) }]),
      gaps: noted('gaps', [{ startMs: NOW, endMs: null, cause: 'unreachable' }]),
      days: noted('days', [{ day: '2026-03-29', ...interval, recordedMs: 1234.5 }]),
      playlist: noted('playlist', '#EXTM3U\n#interval\n'),
      dayPlaylist: noted('dayPlaylist', '#EXTM3U\n#day\n'),
      cameraOfRun: noted('cameraOfRun', cameraId('front-door')),
      cameraOfSegment: noted('cameraOfSegment', cameraId('front-door')),
      initOf: noted('initOf', Buffer.from('ftyp+moov')),
      readGops: noted('readGops', { bytes: Buffer.from('moof+mdat'), final: true }),
      segmentFile: noted('segmentFile', { path: segmentPath, name: 'front-door.mp4', final: true }),
    },
    exports: {
      parts: noted('exportParts', [{ part: 1, ...interval, recordedMs: 59_000 }]),
      open: noted('openExport', exportedFile('0123456789')),
    },
    finding: findingPorts(noted, segmentPath),
    storage: {
      report: noted('report', STORAGE),
      retention: noted('retention', POLICY),
      setRetention: noted('setRetention', POLICY),
      protections: noted('protections', [PROTECTION]),
      protect: noted('protect', PROTECTION),
      unprotect: noted('unprotect', undefined),
      schedule: noted('schedule', SCHEDULE),
      setSchedule: noted('setSchedule', SCHEDULE),
      override: noted('override', SCHEDULE),
    },
    holding: {
      list: noted('held', [HELD]),
      restore: noted('restore', CAMERA),
      purge: noted('purge', HELD),
    },
    events: fakeEventPorts(noted),
    pictures: picturePorts(noted),
    devices: {
      devices: () => ({ video: [], audio: [] }),
      encoders: () => ({ encoders: [{ name: 'x264enc', says: 'x264', state: 'chosen', reason: null }] }),
    },
    whep: {
      open: noted('openWhep', { id: RUN, answer: 'v=0\r\n' }),
      close: noted('closeWhep', undefined),
      closeAll: () => {},
    },
    live: {
      playlist: noted('livePlaylist', '#EXTM3U\n#live\n'),
      init: noted('liveInit', Buffer.from('live init')),
      part: noted('livePart', [Buffer.from('part')]),
      fragments: noted('liveFragments', [Buffer.from('first,'), Buffer.from('second')]),
    },
    settings: {
      give: noted('give', SETTINGS),
      take: noted('take', { done: false, steps: [STEP] }),
    },
    system: {
      info: noted('info', {
        version: '0.1.0',
        zone: 'Asia/Seoul',
        nowMs: NOW,
        startedMs: NOW,
        cameras: { total: 1, recording: 1, wanted: 1 },
      }),
      troubles: noted('troubles', []),
      metrics: noted('metrics', [
        {
          name: 'nightjar_bytes_total',
          help: 'Bytes.',
          type: 'counter',
          samples: [{ labels: { camera: 'front-door' }, value: 5 }],
        },
      ] as const),
    },
  };
}

/** The problem of an answer, checked to be one. */
export function problemOf(answer: LightMyRequestResponse): Problem {
  if (answer.headers['content-type'] !== 'application/problem+json; charset=utf-8') {
    throw new Error(`${answer.statusCode} ${answer.headers['content-type']} is no problem: ${answer.body}`);
  }
  const problem: Problem = answer.json();
  if (problem.status !== answer.statusCode) throw new Error('The status in the problem is another one.');
  return problem;
}

/** A file of these bytes, whose name is not plain. */
export function exportedFile(text: string): ExportedFile {
  return {
    bytes: text.length,
    tag: 'tag-1',
    name: 'Tür "1" 2026-03-29 03.00.00+0200',
    async *read(from, to) {
      yield Buffer.from(text.slice(from, to));
    },
  };
}
