/**
 * The real recorder as a process of its own, on a free port of the loopback, with folders of its own: started,
 * asked over its API, stopped, killed and started again. What it logs is kept, for a test that fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  GapList,
  GapView,
  RecordingList,
  RecordingView,
  SegmentList,
  SegmentView,
} from '../../src/http/wire/archive.ts';
import type { CameraInput, CameraList, CameraPatch, CameraView } from '../../src/http/wire/camera.ts';
import { builtProgram } from './product.ts';

const PASSWORD = 'a password for tests';
/** As a header of every request. */
export const AUTHORIZATION = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
const START_LIMIT_MS = 60_000;
const POLL_MS = 25;

export interface RecorderOptions {
  /** `NIGHTJAR_…` without the prefix; short segments when absent. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More of the environment, e.g. a library to load before others. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the request to end, or from its start, to its end. */
  readonly afterMs: number;
}

/** An answer of the API that was not checked for success. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Waits until `look` gives something; throws with what is waited for when it takes longer than the limit. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  limitMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}

/** A limit for a machine of its own, in milliseconds; where others keep it busy, as much more as it is overcommitted. */
export function patience(ms: number): number {
  return ms * Math.max(1, (os.loadavg()[0] ?? 1) / os.availableParallelism());
}

/** A port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The port is not known.');
  return address.port;
}

/** Runs the program until it ends by itself, with these settings only. */
export async function runToEnd(settings: Readonly<Record<string, string>>): Promise<Ended> {
  return await new Program(await builtProgram(), settings).ended;
}

/** Starts a recorder in folders of its own, and takes out the camera that an empty installation begins with. */
export async function startRecorder(options: RecorderOptions = {}): Promise<Recorder> {
  const { settings = {}, environment = {} } = options;
  const recorder = new Recorder(await builtProgram(), settings, environment);
  try {
    await recorder.start();
    const { cameras } = await recorder.get<CameraList>('/cameras');
    for (const { id } of cameras) await recorder.remove(id);
    return recorder;
  } catch (thrown) {
    await recorder.discard();
    throw thrown;
  }
}

/** One life of the program. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #since = performance.now();

  constructor(
    program: string,
    settings: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NIGHTJAR_'));
    const given = Object.entries(settings).map(([name, value]) => [`NIGHTJAR_${name}`, value]);
    const env = { ...Object.fromEntries([...inherited, ...given]), ...environment };
    this.child = spawn(process.execPath, [program, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(this.child, 'close').then(() => ({
      code: this.child.exitCode,
      stdout: this.#stdout,
      stderr: this.#stderr,
      afterMs: performance.now() - this.#since,
    }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended> {
    this.#since = performance.now();
    this.child.kill(signal);
    return this.ended;
  }
}

export class Recorder {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-e2e-'));
  readonly mediaDir = path.join(this.folder, 'media');
  readonly stateDir = path.join(this.folder, 'state');
  readonly #program: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #environment: Readonly<Record<string, string>>;
  #running: Program | null = null;
  #address = '';
  #log = '';

  constructor(
    program: string,
    settings: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.#program = program;
    this.#settings = settings;
    this.#environment = environment;
    mkdirSync(this.mediaDir);
    mkdirSync(this.stateDir);
  }

  /** Where it serves, e.g. `http://127.0.0.1:40001`; another one after each start, unless `PORT` is among the settings. */
  get address(): string {
    return this.#address;
  }

  /** Of the process that runs now. */
  get pid(): number {
    const pid = this.#running?.child.pid;
    if (pid === undefined) throw new Error('The recorder is not running.');
    return pid;
  }

  /** What all its lives wrote. */
  get log(): string {
    return `${this.#log}${this.#running?.stdout ?? ''}${this.#running?.stderr ?? ''}`;
  }

  /** Resolves when it serves, with how long that took from the start of the process. */
  async start(): Promise<number> {
    const started = performance.now();
    const { PORT, TLS } = this.#settings;
    const port = PORT === undefined ? await freePort() : Number(PORT);
    const settings = {
      SEGMENT_SECONDS: '5',
      PORT: String(port),
      MEDIA_DIR: this.mediaDir,
      STATE_DIR: this.stateDir,
      TIME_ZONE: 'UTC',
      ADMIN_PASSWORD: PASSWORD,
      ...this.#settings,
    };
    const running = new Program(this.#program, settings, this.#environment);
    this.#running = running;
    this.#address = `${TLS === 'own' ? 'https' : 'http'}://127.0.0.1:${port}`;
    await eventually(
      'the recorder serves',
      () => {
        if (running.child.exitCode !== null) throw new Error(`The recorder ended:\n${this.log}`);
        return running.stdout.includes(this.#address);
      },
      START_LIMIT_MS,
    );
    return performance.now() - started;
  }

  /** SIGTERM. */
  stop(): Promise<Ended> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL: nothing of it gets to do anything any more. */
  kill(): Promise<Ended> {
    return this.#end('SIGKILL');
  }

  /** Ends it however it is doing, and deletes its folders. */
  async discard(): Promise<void> {
    if (this.#running !== null) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    const running = this.#running;
    if (running === null) throw new Error('The recorder is not running.');
    const ended = await running.signal(signal);
    this.#log += ended.stdout + ended.stderr;
    this.#running = null;
    return ended;
  }

  /** One request below `/api/v1`, whatever its status. */
  async ask(method: string, route: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#address}/api/v1${route}`, {
      method,
      headers: {
        authorization: AUTHORIZATION,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** The body of a good answer to a GET below `/api/v1`. Throws for any other. */
  async get<T>(route: string): Promise<T> {
    return await this.#good('GET', route);
  }

  async #good<T>(method: string, route: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, route, body);
    if (answer.status < 300) return answer.body as T;
    throw new Error(`${method} ${route}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  add(camera: CameraInput): Promise<CameraView> {
    return this.#good('POST', '/cameras', camera);
  }

  change(id: string, patch: CameraPatch): Promise<CameraView> {
    return this.#good('PATCH', `/cameras/${id}`, patch);
  }

  async remove(id: string): Promise<void> {
    await this.#good('DELETE', `/cameras/${id}`);
  }

  camera(id: string): Promise<CameraView> {
    return this.get(`/cameras/${id}`);
  }

  /** Waits until what is told of a camera satisfies the condition, and gives it. */
  async until(
    id: string,
    what: string,
    condition: (camera: CameraView) => boolean,
    limitMs?: number,
  ): Promise<CameraView> {
    let last: CameraView | null = null;
    const look = async () => {
      last = await this.camera(id);
      return condition(last) && last;
    };
    return await eventually(`${id} ${what}`, look, limitMs).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(last?.status)}\n${this.log.slice(-4_000)}`);
    });
  }

  /** Waits until a camera is being recorded. */
  recording(id: string, limitMs?: number): Promise<CameraView> {
    return this.until(id, 'records', ({ status }) => status.recording.state === 'recording', limitMs);
  }

  /** Everything there is of a camera. */
  async segments(id: string): Promise<readonly SegmentView[]> {
    const { segments } = await this.get<SegmentList>(`/cameras/${id}/segments?${EVER}&limit=1000`);
    return segments;
  }

  async gaps(id: string): Promise<readonly GapView[]> {
    return (await this.get<GapList>(`/cameras/${id}/gaps?${EVER}`)).gaps;
  }

  async recordings(id: string): Promise<readonly RecordingView[]> {
    return (await this.get<RecordingList>(`/cameras/${id}/recordings?${EVER}`)).recordings;
  }
}

const DAY_MS = 86_400_000;
const EVER = `start=${Date.now() - DAY_MS}&end=${Date.now() + DAY_MS}`;
