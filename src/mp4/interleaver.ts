/**
 * Puts a run's two tracks together: video pairs and sound as the muxer released them → fragments that carry both,
 * on one clock. Knows samples and times; the boxes around them belong to `moof.ts` and `fragmenter.ts`.
 */
import { NvrError } from '../domain/errors.ts';
import { TICKS_PER_SECOND, type Ticks, ticks } from '../domain/ticks.ts';
import { type Alignment, align, type TrackOffsets } from './alignment.ts';
import { malformed } from './boxes.ts';
import { AUDIO_TRACK, VIDEO_TRACK } from './init.ts';
import { endOf, monotonic, sizeOf, writeMoof } from './moof.ts';
import { payloadOf, type StoredSample } from './payload.ts';
import { toTicks } from './timescale.ts';
import type { Fragment, InitSegment } from './types.ts';

/** Where fragments go, and how the tracks lie to each other (read once, at the first video; see `align`). */
export interface InterleaverOptions {
  readonly onFragment: (fragment: Fragment) => void;
  readonly offsets?: TrackOffsets | undefined;
}

/** Video waits no longer for its sound than this much later video: a muxer's late sound comes by then. */
const HOLD_SECONDS = 0.6;
/** And never behind more pairs than this: 0.6 s of single frames at 100 a second. */
const HOLD_PAIRS = 60;
/** A pair that begins further than this from the end of the one before is a jump, not an odd last duration. */
const JUMP_SECONDS = 1;
/** A clock that went back further than this is not mended. */
const MAX_BACK_SECONDS = 10;
/** No encoder reorders frames over this long: a presentation that far from its decoding is of another clock. */
const MAX_REORDER_SECONDS = 10;
/**
 * Far longer than a group of pictures of any camera. One that refreshes its picture bit by bit and never sends a keyframe
 * again can't be cut, sought or joined live: the next run begins with a keyframe.
 */
const MAX_GROUP_SECONDS = 300;
/** Three minutes of AAC: sound without video is not collected for ever. */
const MAX_WAITING_AUDIO = 10_000;
const MAX_WAITING_AUDIO_BYTES = 2 ** 26;

/**
 * One run's interleaver. A fragment is one video pair and the sound that begins before the end of its
 * presentation and that no earlier fragment took. Late sound rides in a later fragment, at its own time.
 */
export class Interleaver {
  readonly #options: InterleaverOptions;
  readonly #init: InitSegment;
  #alignment: Alignment | null = null;
  /** Video pairs that wait for their sound, and sound that waits for its video, in the muxer's times. */
  #video: StoredSample[][] = [];
  #audio: StoredSample[] = [];
  /** Up to where sound has arrived, in the muxer's times. */
  #audioKnown = 0;
  /** Up to where each track has been released, in the run's times. */
  #videoEnd = 0;
  #audioEnd = 0;
  #sequence = 0;
  /** When the newest keyframe was, or the first frame. */
  #keyTicks: Ticks | null = null;

  constructor(init: InitSegment, options: InterleaverOptions) {
    this.#init = init;
    this.#options = options;
  }

  /** See Fragmenter.zeroMs. */
  get zeroMs(): number | null {
    return this.#alignment?.zeroMs ?? null;
  }

  /**
   * Takes the samples of one video pair.
   * @throws NvrError `invalid` when their clock went back by more than 10 s, or no keyframe has come for 5 min.
   */
  takeVideo(samples: readonly [StoredSample, ...StoredSample[]]): void {
    const [first] = samples;
    const { timescale } = this.#init.video;
    this.#alignment ??= align(
      this.#options.offsets,
      { timescale, dts: first.dts, cto: first.cto },
      this.#init.audio?.timescale ?? null,
    );
    const end = endOf(samples) + this.#alignment.videoShift;
    if (end < this.#videoEnd - MAX_BACK_SECONDS * timescale) {
      throw malformed("the stream's clock went backwards");
    }
    if (samples.some(({ cto }) => Math.abs(cto) > MAX_REORDER_SECONDS * timescale)) {
      throw malformed("the stream's clock jumped");
    }
    const held = this.#video.pop();
    if (held !== undefined) this.#video.push(joinedTo(held, first.dts, JUMP_SECONDS * timescale));
    this.#video.push([...samples]);
    this.#releaseReady(this.#alignment);
  }

  /**
   * Takes the samples of one audio pair.
   * @throws NvrError `exhausted` when minutes of sound have come without video.
   */
  takeAudio(samples: readonly StoredSample[]): void {
    for (const sample of samples) this.#audio.push(sample);
    this.#audioKnown = Math.max(this.#audioKnown, endOf(samples));
    if (this.#alignment !== null) this.#releaseReady(this.#alignment);
    if (this.#audio.length > MAX_WAITING_AUDIO || sizeOf(this.#audio) > MAX_WAITING_AUDIO_BYTES) {
      throw new NvrError('exhausted', 'The stream sends sound but no video.');
    }
  }

  /** Releases the video that is held, the last of it with all the sound that is left. */
  flush(): void {
    if (this.#alignment === null) return;
    while (this.#video.length > 0) this.#release(this.#alignment, this.#video.length === 1);
    this.#audio = [];
  }

  #releaseReady(alignment: Alignment): void {
    for (let first = this.#video[0]; first !== undefined; first = this.#video[0]) {
      if (!this.#isReady(first, alignment)) return;
      this.#release(alignment, false);
    }
  }

  #isReady(pair: readonly StoredSample[], alignment: Alignment): boolean {
    const { video, audio } = this.#init;
    if (audio === null || this.#video.length > HOLD_PAIRS) return true;
    const later = endOf(this.#video.at(-1) ?? pair) - endOf(pair);
    if (later >= HOLD_SECONDS * video.timescale) return true;
    const known = toTicks(this.#audioKnown + alignment.audioShift, audio.timescale);
    return known >= this.#presentationEnd(pair, alignment);
  }

  /** When the pair's last frame gives way on the screen: the decode end plus the run's reorder delay. */
  #presentationEnd(pair: readonly StoredSample[], alignment: Alignment): Ticks {
    return toTicks(endOf(pair) + alignment.videoShift + alignment.reorderDelay, this.#init.video.timescale);
  }

  /** Makes a fragment of the pair that has waited longest. */
  #release(alignment: Alignment, withAllSound: boolean): void {
    const pair = this.#video.shift() ?? [];
    const soundEnd = withAllSound ? Number.POSITIVE_INFINITY : this.#presentationEnd(pair, alignment);
    const video = monotonic(pair, alignment.videoShift, this.#videoEnd);
    const audio = monotonic(this.#cutAudio(soundEnd, alignment), alignment.audioShift, this.#audioEnd);
    const startTicks = toTicks(video[0]?.dts ?? this.#videoEnd, this.#init.video.timescale);
    this.#videoEnd = endOf(video);
    if (audio.length > 0) this.#audioEnd = endOf(audio);
    const tracks = [{ trackId: VIDEO_TRACK, samples: video }];
    if (audio.length > 0) tracks.push({ trackId: AUDIO_TRACK, samples: audio });
    const key = video[0]?.key ?? false;
    this.#expectKey(key, startTicks);
    this.#sequence++;
    const { moof, mdat } = writeMoof(this.#sequence, tracks);
    this.#options.onFragment({
      sequence: this.#sequence,
      key,
      startTicks,
      durationTicks: ticks(toTicks(this.#videoEnd, this.#init.video.timescale) - startTicks),
      chunks: [moof, mdat, ...payloadOf(video), ...payloadOf(audio)],
      byteLength: moof.length + mdat.length + sizeOf(video) + sizeOf(audio),
      frames: video.length,
      frameBytes: video.map(({ size }) => size),
      frameDelays: video.map(({ cto }) => toTicks(cto, this.#init.video.timescale)),
    });
  }

  #expectKey(key: boolean, atTicks: Ticks): void {
    this.#keyTicks ??= atTicks;
    if (key) this.#keyTicks = atTicks;
    else if (atTicks - this.#keyTicks > MAX_GROUP_SECONDS * TICKS_PER_SECOND) {
      throw new NvrError('invalid', 'The camera has sent no keyframe for five minutes.');
    }
  }

  /** Takes the sound that begins before `endTicks` out of what waits. */
  #cutAudio(endTicks: number, { audioShift }: Alignment): StoredSample[] {
    const timescale = this.#init.audio?.timescale ?? 1;
    const later = this.#audio.findIndex(({ dts }) => toTicks(dts + audioShift, timescale) >= endTicks);
    return this.#audio.splice(0, later === -1 ? this.#audio.length : later);
  }
}

/** The pair with its last duration such that it ends at `next`, unless that is a jump. */
function joinedTo(pair: readonly StoredSample[], next: number, jump: number): StoredSample[] {
  const last = pair.at(-1);
  if (last === undefined || Math.abs(next - endOf(pair)) > jump) return [...pair];
  return [...pair.slice(0, -1), { ...last, duration: Math.max(0, next - last.dts) }];
}
