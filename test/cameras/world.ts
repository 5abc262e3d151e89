/**
 * Cameras with scripted surroundings, under fake timers: a media door whose probes and runs the test answers, a ledger
 * and writers that note what they are told, a real ring. What was done is told as a story, in milliseconds since the
 * world began.
 */
import { vi } from 'vitest';
import type {
  CameraStore,
  Failure,
  Ledger,
  MediaDoor,
  ProbeResult,
  RunEvents,
  RunRequest,
  StorageProblem,
  Surroundings,
  WriterDoor,
} from '../../src/cameras/doors.ts';
import { Fleet, type NewCamera } from '../../src/cameras/fleet.ts';
import type { Camera, Source } from '../../src/domain/camera.ts';
import { NvrError } from '../../src/domain/errors.ts';
import { type CameraId, cameraId, type RunId, runId, subKey } from '../../src/domain/ids.ts';
import type { StreamFormat } from '../../src/domain/media.ts';
import type { Schedule } from '../../src/domain/schedule.ts';
import { msToTicks } from '../../src/domain/ticks.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { Ring } from '../../src/live/ring.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';

const BEGAN = 1_700_000_000_000;
export const FRAGMENT_MS = 500;
export const GOP_MS = 2_000;
export const FORMAT: StreamFormat = {
  video: { codec: 'h264', width: 640, height: 360, fps: 25 },
  audio: { codec: 'aac', encoding: 'MPEG4-GENERIC', sampleRate: 16_000, channels: 1 },
};
const VIDEO_TRACK = {
  id: 1,
  kind: 'video',
  codec: 'avc1.64001f',
  timescale: 90_000,
  width: 640,
  height: 360,
} as const;
const INIT: InitSegment = {
  bytes: Buffer.alloc(0),
  video: { ...VIDEO_TRACK, sampleRate: 0, channels: 0 },
  audio: null,
  codecs: 'avc1.64001f',
};

/** A source of its own for each name. */
export function rtsp(name: string): Source {
  return { kind: 'rtsp', url: `rtsp://10.0.0.1/${name}`, transport: 'tcp' };
}

/** What a test answers later. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  #resolve: (value: T) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: T): void {
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#reject(error);
  }
}

/** A pipeline that does what the test says. */
export class ScriptedRun {
  readonly request: RunRequest;
  /** What it still delivers when it is asked to end. */
  lastFragments = 0;
  /** How often it was asked to end. */
  ends = 0;
  /** It does not end, whatever is asked of it. */
  hangs = false;
  readonly #events: RunEvents;
  #sequence = 0;
  #mediaMs = 0;
  #over = false;

  constructor(request: RunRequest, events: RunEvents) {
    this.request = request;
    this.#events = events;
  }

  /** Its first frame is received now. */
  begin(): void {
    const anchor = { mediaMs: 0, monotonicMs: performance.now(), wallMs: epochMs(Date.now()) };
    this.#events.onBegin(INIT, anchor);
  }

  /** Delivers that many milliseconds of media, each fragment when it is complete. */
  async play(ms: number): Promise<void> {
    for (let played = 0; played < ms; played += FRAGMENT_MS) {
      await vi.advanceTimersByTimeAsync(FRAGMENT_MS);
      this.fragment();
    }
  }

  /** Delivers a fragment at once. @param durationMs of a last frame that stands still, much longer */
  fragment(durationMs = FRAGMENT_MS): void {
    this.#sequence += 1;
    const fragment: Fragment = {
      sequence: this.#sequence,
      key: this.#mediaMs % GOP_MS === 0,
      startTicks: msToTicks(this.#mediaMs),
      durationTicks: msToTicks(durationMs),
      chunks: [],
      byteLength: 1_000,
      frames: 1,
      frameBytes: [1_000],
      frameDelays: [0],
    };
    this.#mediaMs += durationMs;
    this.#events.onFragment(fragment);
  }

  /** Its clock jumps by that much. */
  jump(ms: number): void {
    this.#mediaMs += ms;
  }

  /** It ends by itself. */
  fail(cause: Failure['cause'], message = 'A reason.', track?: 'audio'): void {
    this.#over = true;
    this.#events.onEnd({ cause, message, ...(track && { track }) });
  }

  async end(): Promise<void> {
    this.ends += 1;
    if (this.hangs) await new Promise(() => undefined);
    if (this.#over) return;
    this.#over = true;
    for (let left = this.lastFragments; left > 0; left -= 1) this.fragment();
    this.#events.onEnd(null);
  }
}

/** A file that grows, in name only. */
export class ScriptedWriter implements WriterDoor {
  readonly tell: (problem: StorageProblem) => void;
  /** Resolves `end`; already resolved unless the test holds it back. */
  durable: Promise<unknown> = Promise.resolve();
  lastDurableMs: EpochMs | null = null;
  readonly #note: (what: string) => void;

  constructor(note: (what: string) => void, tell: (problem: StorageProblem) => void) {
    this.#note = note;
    this.tell = tell;
  }

  append(fragment: Fragment, startMs: EpochMs): void {
    this.#note(`write #${fragment.sequence} of ${startMs - BEGAN}`);
  }

  async end(): Promise<void> {
    await this.durable;
    this.#note('close file');
  }
}

/** One world; only one at a time, because it owns the timers. */
export class World {
  /** `CAMERA: what happened`. */
  readonly story: string[] = [];
  readonly fleet: Fleet;
  readonly probes: { readonly source: Source; readonly answer: Deferred<ProbeResult> }[] = [];
  readonly runs: ScriptedRun[] = [];
  readonly writers: ScriptedWriter[] = [];
  readonly dropped: CameraId[] = [];
  readonly store = new MemoryStore();
  /** In UTC, in which the world begins on a Tuesday at 22:13:20. */
  readonly schedules = new Map<CameraId, Schedule>();
  /** Whether openings wait for the test; then they are here. */
  slowOpenings: Deferred<void>[] | null = null;
  /** What has to be ready before a source is asked; null for nothing. */
  preparing: Deferred<void> | null = null;
  /** What a look for the sound of a device finds; null for sound. */
  silent: Failure | null = null;
  /** Whether the index refuses everything. */
  indexFull = false;
  /** The streams that somebody looks at. */
  readonly watched = new Set<CameraId>();
  readonly #rings = new Map<CameraId, Ring>();

  /** @param overhear what else listens to what the cameras do */
  constructor(overhear: (around: Surroundings) => Surroundings = (around) => around) {
    vi.useFakeTimers({
      now: BEGAN,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
    this.fleet = new Fleet(this.store, overhear(this.#surroundings()));
  }

  /** Milliseconds since the world began. */
  static at(ms: number): EpochMs {
    return epochMs(BEGAN + ms);
  }

  /** The newest run. */
  get run(): ScriptedRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('No run was opened.');
    return run;
  }

  /** The newest file. */
  get writer(): ScriptedWriter {
    const writer = this.writers.at(-1);
    if (writer === undefined) throw new Error('No file was opened.');
    return writer;
  }

  /** Lets time pass, and everything that waits for it happen. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  /** Adds a camera that is recorded round the clock unless it says otherwise. */
  add(id: string, changes: Partial<NewCamera> = {}): Camera {
    const draft = {
      name: id,
      enabled: true,
      source: rtsp(id),
      audio: true,
      mode: 'continuous',
      ...changes,
    } as const;
    return this.fleet.create({ ...draft, id: cameraId(id) }).camera;
  }

  /** Answers the newest probe. */
  async answer(result: ProbeResult = { ok: true, format: FORMAT }): Promise<void> {
    this.probes.at(-1)?.answer.resolve(result);
    await this.pass(0);
  }

  /** Adds a camera that is live: its run has begun. */
  async live(id: string, changes: Partial<NewCamera> = {}): Promise<ScriptedRun> {
    this.add(id, changes);
    await this.pass(0);
    await this.answer();
    this.run.begin();
    return this.run;
  }

  status(id: string) {
    return this.fleet.get(cameraId(id)).status;
  }

  /** What was told since it was asked last. */
  told(): string[] {
    return this.story.splice(0);
  }

  #surroundings(): Surroundings {
    const ignore = () => {};
    let runs = 0;
    return {
      clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
      random: () => 0,
      newRunId: () => runId(`00000000-0000-4000-8000-${String(++runs).padStart(12, '0')}`),
      log: { info: ignore, warn: ignore, error: ignore },
      media: this.#media(),
      ledger: this.#ledger(),
      schedules: { zone: zone('UTC'), of: (id) => this.schedules.get(id) ?? null },
      ring: (id) => this.ring(id),
      subRing: (id) => this.ring(subKey(id)),
      watched: (stream) => this.watched.has(stream),
      dropRing: (id) => {
        this.#rings.delete(id);
        this.dropped.push(id);
      },
    };
  }

  ring(id: CameraId): Ring {
    const ring = this.#rings.get(id) ?? new Ring({ keepMs: 8_000, maxBytes: 2 ** 20 });
    this.#rings.set(id, ring);
    return ring;
  }

  #media(): MediaDoor {
    return {
      prepare: () => this.preparing?.promise ?? null,
      hear: async () => this.silent,
      probe: async (source) => {
        const answer = new Deferred<ProbeResult>();
        this.probes.push({ source, answer });
        return await answer.promise;
      },
      openRun: async (request, events) => {
        const run = new ScriptedRun(request, events);
        const opened = new Deferred<void>();
        this.slowOpenings?.push(opened);
        if (this.slowOpenings !== null) await opened.promise;
        this.runs.push(run);
        return run;
      },
    };
  }

  #ledger(): Ledger {
    const note = (id: CameraId, what: string) => {
      if (this.indexFull) throw new NvrError('exhausted', 'The disk of the index is full.');
      this.story.push(`${id}: ${what}`);
    };
    const ms = (at: EpochMs) => at - BEGAN;
    const owners = new Map<RunId, CameraId>();
    const name = (id: RunId) => `run ${Number(id.slice(-12))}`;
    return {
      durableUntil: () => null,
      beginRun: ({ id, cameraId: of, startedMs }) => {
        owners.set(id, of);
        note(of, `${name(id)} from ${ms(startedMs)}`);
      },
      endRun: (id, endMs, cause) => {
        const owner = owners.get(id);
        if (owner === undefined) throw new Error(`${name(id)} was not begun.`);
        note(owner, `${name(id)} to ${ms(endMs)}: ${cause}`);
      },
      beginRecording: (id, reason, fromMs) => note(id, `recording from ${ms(fromMs)}: ${reason}`),
      endRecording: (id, endMs, reason) => note(id, `recording to ${ms(endMs)}: ${reason}`),
      openGap: (id, fromMs, cause) => note(id, `gap from ${ms(fromMs)}: ${cause}`),
      updateGap: (id, cause) => note(id, `gap for ${cause}`),
      closeGap: (id, atMs) => note(id, `gap to ${ms(atMs)}`),
      openWriter: (id, run, onProblem) => {
        note(id, `open file of ${name(run)}`);
        const writer = new ScriptedWriter((what) => note(id, what), onProblem);
        this.writers.push(writer);
        return writer;
      },
    };
  }
}

/** Cameras in memory, with the promises of the real store. */
class MemoryStore implements CameraStore {
  readonly cameras = new Map<CameraId, Camera>();
  readonly held = new Map<CameraId, Camera>();
  readonly startedIds = new Set<CameraId>();

  list(): readonly Camera[] {
    return [...this.cameras.values()];
  }

  insert(draft: Parameters<CameraStore['insert']>[0], at: EpochMs): Camera {
    if (this.cameras.has(draft.id)) throw new NvrError('conflict', 'The id is taken.', { field: 'id' });
    return this.#put({ ...draft, revision: 1, createdMs: at, updatedMs: at });
  }

  update(draft: Parameters<CameraStore['update']>[0], expectedRevision: number, at: EpochMs): Camera {
    const before = this.cameras.get(draft.id);
    if (before?.revision !== expectedRevision) throw new NvrError('conflict', 'Another revision.');
    return this.#put({ ...before, ...draft, revision: expectedRevision + 1, updatedMs: at });
  }

  remove(id: CameraId): void {
    const camera = this.cameras.get(id);
    if (camera !== undefined) this.held.set(id, camera);
    this.cameras.delete(id);
    this.startedIds.delete(id);
  }

  restore(id: CameraId, at: EpochMs): Camera {
    const held = this.held.get(id);
    if (held === undefined) throw new NvrError('not-found', 'It is not held.');
    this.held.delete(id);
    return this.#put({ ...held, revision: held.revision + 1, updatedMs: at });
  }

  started(id: CameraId): boolean {
    return this.startedIds.has(id);
  }

  setStarted(id: CameraId, started: boolean): void {
    if (started) this.startedIds.add(id);
    else this.startedIds.delete(id);
  }

  #put(camera: Camera): Camera {
    this.cameras.set(camera.id, camera);
    return camera;
  }
}
