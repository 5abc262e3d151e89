/** Runs of real pipelines for tests: what they said, what they delivered, and that nothing of them is left behind. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RtspSource, Source } from '../../src/domain/camera.ts';
import { runId } from '../../src/domain/ids.ts';
import type { AudioFormat, StreamFormat } from '../../src/domain/media.ts';
import type { Anchor } from '../../src/domain/mediaClock.ts';
import { type Clock, epochMs } from '../../src/domain/time.ts';
import type { Failure } from '../../src/media/causes.ts';
import type { Encoding } from '../../src/media/plan.ts';
import type { ExpectAllowed } from '../../src/media/redirects.ts';
import { StreamRun } from '../../src/media/run.ts';
import { type Player, playHere } from '../../src/media/runPipeline.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';
import { VIDEO, type VideoFootage } from './footage.ts';
import { readStamps, type Stamp } from './rtsp/stamps.ts';
import type { AudioKind, RtspServer } from './rtsp/types.ts';

/** Where the FIFOs of this process lie. */
export const runtimeDir = mkdtempSync(join(tmpdir(), 'nightjar-runs-'));
process.once('exit', () => rmSync(runtimeDir, { recursive: true, force: true }));

const clock: Clock = { now: () => epochMs(Date.now()), monotonic: () => performance.now() };
const POLL_MS = 20;

const AUDIO: Readonly<Record<AudioKind, AudioFormat | null>> = {
  none: null,
  aac: { codec: 'aac', encoding: 'MPEG4-GENERIC', sampleRate: 16_000, channels: 1 },
  pcma: { codec: 'pcma', encoding: 'PCMA', sampleRate: 8_000, channels: 1 },
  opus: { codec: 'opus', encoding: 'OPUS', sampleRate: 48_000, channels: 2 },
};

/** What a probe of such a camera finds. */
export function formatOf(video: VideoFootage, audio: AudioKind = 'none'): StreamFormat {
  const { codec, width, height, fps } = VIDEO[video];
  return { video: { codec, width, height, fps }, audio: AUDIO[audio] };
}

/** A camera of a server, without credentials. */
export function sourceOf(
  server: Pick<RtspServer, 'url'>,
  path: string,
  transport: RtspSource['transport'] = 'tcp',
): RtspSource {
  return { kind: 'rtsp', url: server.url(path), transport };
}

/** Everything a run said, from before it was opened. */
export class HeardRun {
  readonly fragments: Fragment[] = [];
  /** Null when the end was asked for. */
  readonly ended: Promise<Failure | null>;
  readonly #settle: (failure: Failure | null) => void;
  #begun: { readonly init: InitSegment; readonly anchor: Anchor } | null = null;
  #run: StreamRun | null = null;

  constructor() {
    let settle: (failure: Failure | null) => void = () => {};
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  /** @param player what plays the pipeline; this process when absent @param expectAllowed judges where the camera leads to */
  async open(
    source: Source,
    format: StreamFormat,
    encoding: Encoding | null = null,
    player: Player = playHere,
    expectAllowed: ExpectAllowed = async () => {},
  ): Promise<this> {
    const around = { runtimeDir, fragmentMs: 250, queueMs: 8_000, clock, player, expectAllowed };
    const options = { source, format, encoding, ...around };
    this.#run = await StreamRun.open({ runId: runId(randomUUID()), ...options }, this);
    return this;
  }

  onBegin(init: InitSegment, anchor: Anchor): void {
    this.#begun = { init, anchor };
  }

  onFragment(fragment: Fragment): void {
    this.fragments.push(fragment);
  }

  onEnd(failure: Failure | null): void {
    this.#settle(failure);
  }

  /** Ends it, and gives how many milliseconds that took. */
  async end(): Promise<number> {
    const started = performance.now();
    await this.#run?.end();
    return performance.now() - started;
  }

  get anchor(): Anchor {
    return this.#known.anchor;
  }

  get frames(): number {
    return this.fragments.reduce((sum, { frames }) => sum + frames, 0);
  }

  /** All of it as one file. */
  get bytes(): Buffer {
    return Buffer.concat([this.#known.init.bytes, ...this.fragments.flatMap(({ chunks }) => chunks)]);
  }

  stamps(): Promise<Stamp[]> {
    return readStamps(this.#begun === null ? Buffer.alloc(0) : this.bytes);
  }

  /** Waits for that many frames. */
  async received(frames: number, limitMs = 20_000): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (this.frames < frames) {
      if (performance.now() > deadline)
        throw new Error(`${this.frames} of ${frames} frames in ${limitMs} ms.`);
      await delay(POLL_MS);
    }
  }

  get #known() {
    if (this.#begun === null) throw new Error('The run did not begin.');
    return this.#begun;
  }
}
