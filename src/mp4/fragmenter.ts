/**
 * Byte stream of a fragmenting muxer → init segment and fragments. Takes mp4mux's pairs of `moof` and `mdat`, one
 * track each, in the order of their ends; the interleaver makes fragments of them. Only boxes that describe are
 * rewritten; payload is passed on by reference.
 */
import type { TrackOffsets } from './alignment.ts';
import { type BoxHeader, makeBox, malformed } from './boxes.ts';
import { BoxStream } from './boxStream.ts';
import { parseInit, rewriteInit } from './init.ts';
import { Interleaver } from './interleaver.ts';
import { type FoundTrackFragment, readMoof, sizeOf } from './moof.ts';
import { Payload } from './payload.ts';
import type { Fragment, InitSegment } from './types.ts';

/** Who gets what the fragmenter makes, and what it has to know. */
export interface FragmenterOptions {
  /** Gets the init segment that we publish; called once, before the first fragment. */
  readonly onInit: (init: InitSegment) => void;
  readonly onFragment: (fragment: Fragment) => void;
  /** How the tracks lie to each other; read once, when the first video pair is whole. */
  readonly offsets?: TrackOffsets | undefined;
}

interface Run {
  /** Track ids in the muxer's boxes. */
  readonly videoId: number;
  readonly audioId: number | undefined;
  readonly interleaver: Interleaver;
}

/** A `moof` whose `mdat` has not come yet. */
interface Announced {
  readonly track: FoundTrackFragment;
  readonly moofBytes: number;
}

/**
 * Cuts one run. Each video pair of the muxer (all it wrote in N ms or up to a keyframe) becomes one fragment with
 * the sound presented with it. A fragment is released as soon as that sound is known, or without it when 0.6 s
 * of later video have come. After an exception the fragmenter is of no further use.
 */
export class Fragmenter {
  readonly #options: FragmenterOptions;
  readonly #boxes = new BoxStream((header, body) => this.#takeBox(header, body));
  #run: Run | null = null;
  #announced: Announced | null = null;

  constructor(options: FragmenterOptions) {
    this.#options = options;
  }

  /**
   * Running time, on the clock of the offsets, in milliseconds, that belongs to zero ticks: the key frame that
   * starts a fragment is presented at `zeroMs + ticksToMs(fragment.startTicks)`. `startTicks` is a decode time,
   * so the composition offset of the run's first frame (its reorder delay) is folded in. Null until the first
   * video pair is whole; known in every `onFragment`. Without offsets it is that composition offset alone.
   */
  get zeroMs(): number | null {
    return this.#run?.interleaver.zeroMs ?? null;
  }

  /**
   * Takes the next bytes, in chunks of any size; keeps views of them.
   * @throws NvrError `invalid` for malformed bytes and for a clock that went back by more than 10 s,
   *   `exhausted` when minutes of sound have come without video.
   */
  push(chunk: Buffer): void {
    this.#boxes.push(chunk);
  }

  /**
   * The run has ended: releases the video that is held, the last of it with all the sound that is left. Sound after
   * the end of video that has been released already belongs to no frame and is dropped.
   */
  flush(): void {
    this.#run?.interleaver.flush();
  }

  #takeBox(header: BoxHeader, body: readonly Buffer[]): void {
    if (header.type === 'moov') this.#takeMoov(joined(body));
    else if (this.#run === null) throw malformed('fragments come before moov');
    else if (header.type === 'moof') this.#takeMoof(header, joined(body));
    else this.#takeMdat(this.#run, header, body);
  }

  #takeMoov(body: Buffer): void {
    if (this.#run !== null) throw malformed('a second moov in one run');
    const moov = makeBox('moov', body);
    const found = parseInit(moov);
    const init = rewriteInit(moov);
    const interleaver = new Interleaver(init, this.#options);
    this.#run = { videoId: found.video.id, audioId: found.audio?.id, interleaver };
    this.#options.onInit(init);
  }

  #takeMoof(header: BoxHeader, body: Buffer): void {
    if (this.#announced !== null) throw malformed('a moof comes without an mdat');
    const [track, ...more] = readMoof(body);
    if (track === undefined || more.length > 0) throw malformed('a moof has not exactly one track');
    this.#announced = { track, moofBytes: header.bytes };
  }

  #takeMdat({ videoId, audioId, interleaver }: Run, header: BoxHeader, body: readonly Buffer[]): void {
    if (this.#announced === null) throw malformed('an mdat comes without a moof');
    const { track, moofBytes } = this.#announced;
    this.#announced = null;
    const payload = new Payload(body);
    if (sizeOf(track.samples) > payload.bytes) throw malformed('samples share their bytes');
    const skipped = moofBytes + header.headerBytes;
    const [first, ...rest] = track.samples.map((sample) => payload.place(sample, sample.at - skipped));
    if (first === undefined) return;
    if (track.trackId === videoId) interleaver.takeVideo([first, ...rest]);
    else if (track.trackId === audioId) interleaver.takeAudio([first, ...rest]);
    else throw malformed(`a fragment belongs to the unknown track ${track.trackId}`);
  }
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [only, ...more] = pieces;
  return only !== undefined && more.length === 0 ? only : Buffer.concat(pieces);
}
