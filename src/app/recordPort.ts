/** One source into one file, without a recorder around it: what the command `record` does. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodedFormat, PLAIN_ENCODE } from '../domain/encode.ts';
import { NvrError } from '../domain/errors.ts';
import { fileError } from '../domain/fileErrors.ts';
import { runId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { RecordProgress, RecordRequest, RecordSummary } from '../domain/recordOnce.ts';
import { ticks, ticksToMs } from '../domain/ticks.ts';
import { type Clock, epochMs } from '../domain/time.ts';
import { Captures } from '../media/captures.ts';
import type { Failure } from '../media/causes.ts';
import { ContainerFile } from '../media/containerFile.ts';
import { REQUIRED_ELEMENTS } from '../media/elements.ts';
import { Encoders } from '../media/encoders.ts';
import { startGst } from '../media/gst.ts';
import type { Encoding } from '../media/plan.ts';
import { type RunOptions, StreamRun } from '../media/run.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import { foundFormat } from './foundFormat.ts';
import { Mp4File } from './mp4File.ts';
import { located } from './probePort.ts';

const FRAGMENT_MS = 500;
const QUEUE_MS = 8_000;
const clock: Clock = { now: () => epochMs(Date.now()), monotonic: () => performance.now() };

/** What takes the media. */
interface Sink {
  write(fragment: Fragment): void;
  /** Why nothing more can be written. */
  readonly failure: NvrError | null;
  /** @throws NvrError the failure, when there is one */
  end(): Promise<void>;
}

/**
 * Records until the duration is reached, the signal comes or the source ends; the file is whole in each case.
 * @throws NvrError when nothing could be recorded, or the file could not be written.
 */
export async function record(
  asked: RecordRequest,
  signal: AbortSignal,
  onProgress: (progress: RecordProgress) => void,
): Promise<RecordSummary> {
  startGst(REQUIRED_ELEMENTS);
  const request = { ...asked, source: located(asked.source) };
  const runtimeDir = await mkdtemp(join(tmpdir(), 'nightjar-record-'));
  const captures = new Captures();
  try {
    const format = await formatOf(request, captures, signal);
    const player = captures.playerOf(request.source);
    return await new Recording(request, format, { runtimeDir, player }, onProgress).run(signal);
  } finally {
    captures.close();
    await rm(runtimeDir, { recursive: true, force: true });
  }
}

async function formatOf(
  { source, encode, audio }: RecordRequest,
  captures: Captures,
  signal: AbortSignal,
): Promise<StreamFormat> {
  const result = await captures.probe(source, { signal });
  if (signal.aborted) throw nothingRecorded();
  const found = foundFormat(result, { source: 'source', sound: audio ? 'audio-device' : null });
  const format = encodedFormat(found, encode);
  return audio ? format : { ...format, audio: null };
}

function nothingRecorded(why = 'it was ended before anything arrived.'): NvrError {
  return new NvrError('unavailable', `Nothing was recorded: ${why}`, { field: 'source' });
}

/** Why each that could have been used can't be. */
async function noEncoder(encoders: Encoders, forced: string | null): Promise<NvrError> {
  const passed = (await encoders.report()).filter(({ name }) => forced === null || name === forced);
  const reasons = passed.map(({ name, reason }) => `${name}: ${reason}`).join('\n  ');
  return new NvrError('unavailable', `No encoder works on this machine:\n  ${reasons}`, { field: 'encoder' });
}

/** What a run is given besides what it records. */
type Around = Pick<RunOptions, 'runtimeDir' | 'player'>;

class Recording {
  readonly #request: RecordRequest;
  readonly #format: StreamFormat;
  readonly #around: Around;
  readonly #onProgress: (progress: RecordProgress) => void;
  #sink: Promise<Sink> | null = null;
  #open: Sink | null = null;
  readonly #waiting: Fragment[] = [];
  #frames = 0;
  #mediaMs = 0;
  #enough: () => void = () => undefined;

  constructor(
    request: RecordRequest,
    format: StreamFormat,
    around: Around,
    onProgress: (progress: RecordProgress) => void,
  ) {
    this.#request = request;
    this.#format = format;
    this.#around = around;
    this.#onProgress = onProgress;
  }

  async run(signal: AbortSignal): Promise<RecordSummary> {
    let onEnd: (failure: Failure | null) => void = () => undefined;
    const ended = new Promise<Failure | null>((resolve) => {
      onEnd = resolve;
    });
    const enough = new Promise<void>((resolve) => {
      this.#enough = resolve;
    });
    const run = await StreamRun.open(
      {
        ...{ runId: runId(randomUUID()), source: this.#request.source, format: this.#format, clock },
        ...{ ...this.#around, fragmentMs: FRAGMENT_MS, queueMs: QUEUE_MS },
        encoding: await this.#encoding(),
      },
      {
        onBegin: (init) => {
          this.#sink = this.#begin(init);
          // Told at the end, which comes at once.
          this.#sink.catch(() => this.#enough());
        },
        onFragment: (fragment) => this.#take(fragment),
        onEnd,
      },
    );
    signal.addEventListener('abort', () => this.#enough(), { once: true });
    if (signal.aborted) this.#enough();
    await Promise.race([enough, ended]);
    await run.end();
    return await this.#finish(await ended);
  }

  async #encoding(): Promise<Encoding | null> {
    if (this.#format.video.encodedFrom === undefined) return null;
    const encoders = new Encoders(this.#request.encoder);
    const encoder = await encoders.choose();
    if (encoder === null) throw await noEncoder(encoders, this.#request.encoder);
    return { encode: this.#request.encode ?? PLAIN_ENCODE, encoder };
  }

  async #begin(init: InitSegment): Promise<Sink> {
    const { path, container } = this.#request.output;
    const file = await open(path, 'w').catch((thrown: unknown) => {
      throw fileError(path, thrown);
    });
    if (container !== 'mp4') await file.close();
    const sink =
      container === 'mp4'
        ? new Mp4File(file, path, init)
        : await ContainerFile.open({ container, path, init, runtimeDir: this.#around.runtimeDir });
    this.#open = sink;
    for (const fragment of this.#waiting.splice(0)) sink.write(fragment);
    return sink;
  }

  #take(fragment: Fragment): void {
    const { durationMs } = this.#request;
    // What was on its way when it was enough.
    if (durationMs !== null && this.#mediaMs >= durationMs) return;
    if (this.#open === null) this.#waiting.push(fragment);
    else this.#open.write(fragment);
    this.#frames += fragment.frames;
    this.#mediaMs = ticksToMs(ticks(fragment.startTicks + fragment.durationTicks));
    void this.#tell();
    const failed = this.#open !== null && this.#open.failure !== null;
    if (failed || (durationMs !== null && this.#mediaMs >= durationMs)) this.#enough();
  }

  /** "Recording" is said of what is in the file, not of what was sent there. */
  async #tell(): Promise<void> {
    const bytes = await this.#bytes();
    if (bytes > 0) this.#onProgress({ bytes, frames: this.#frames, mediaMs: this.#mediaMs });
  }

  async #bytes(): Promise<number> {
    return await stat(this.#request.output.path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async #finish(failure: Failure | null): Promise<RecordSummary> {
    if (this.#sink === null) throw nothingRecorded(failure?.message);
    await (await this.#sink).end();
    const { codec, width, height } = this.#format.video;
    return {
      file: this.#request.output.path,
      bytes: await this.#bytes(),
      frames: this.#frames,
      mediaMs: this.#mediaMs,
      video: `${codec} ${width}x${height}`,
      audio: this.#format.audio?.codec ?? null,
      failure: failure?.message ?? null,
    };
  }
}
