/**
 * Plays what was recorded of a camera into a video element. It holds the playlist of a window of time around the
 * playhead, and another when the playhead leaves it; whoever uses it speaks of wall time only.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorData, LevelDetails } from 'hls.js';
import { apiUrl } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';
import { createHls, type Hls, type HlsClass } from '../media/hls.ts';
import { emptyVideo, tryToPlay } from '../media/video.ts';
import type { Interval } from '../time/zone.ts';
import { placeOf, type Stretch, stretchesOf, wallAt } from './mediaMap.ts';

export type ArchiveState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  /** There is no footage at the playhead. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'failed' }
  /** The camera, or the user's right to it, is gone. */
  | { readonly kind: 'gone' };

/** Before the playhead, so that going back a little needs no new playlist; and after it. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 60 * 60_000;
/** Longest time until footage is listed. */
const EDGE_MS = 30_000;
/** The newest footage is asked for again this often. */
const RELOAD_MS = 3_000;
/** Scrubbing over windows asks for each no more often than this. */
const SETTLE_MS = 120;
/** Holes shorter than this are none. */
const HOLE_MS = 1_000;
/** The last frames of a stretch: an element may stop before it has shown them. */
const TAIL_MS = 120;
const GONE = [403, 404, 410];
/** Where an answer is of the camera; footage that is gone may have been deleted. */
const LIST: readonly string[] = ['manifestLoadError', 'levelLoadError'];

export class ArchivePlayer {
  readonly #camera: string;
  readonly #video: HTMLVideoElement;
  readonly #state = signal<ArchiveState>({ kind: 'idle' });
  #hls: Hls | null = null;
  #Hls: HlsClass | null = null;
  #window: Interval | null = null;
  #loadedMs = 0;
  #stretches: readonly Stretch[] = [];
  #targetMs = 0;
  #pendingSeek: number | null = null;
  #settling: number | undefined;
  /** Whether what hls.js tells is of the window that is held, and not of the one before. */
  #opened = false;
  #closed = false;

  constructor(camera: string, video: HTMLVideoElement) {
    this.#camera = camera;
    this.#video = video;
    video.addEventListener('seeked', this.#onSeeked);
  }

  get state(): ReadonlySignal<ArchiveState> {
    return this.#state;
  }

  /** Shows a moment; without footage there, nothing. */
  show(ms: number): void {
    this.#targetMs = ms;
    if (this.covers(ms) === null) this.#load(ms);
    else this.#seek(ms);
  }

  /** Fetches the list of what is around a moment, when it is not here or not new enough. */
  reach(ms: number): void {
    const { kind } = this.#state.peek();
    // What could not be had is not asked for again and again.
    if (kind === 'loading' || (kind === 'failed' && exactNow() - this.#loadedMs < RELOAD_MS)) return;
    const last = this.#stretches.at(-1)?.endMs ?? 0;
    const grows =
      ms >= last - TAIL_MS && exactNow() - ms < AFTER_MS && exactNow() - this.#loadedMs > RELOAD_MS;
    if (this.covers(ms) !== null && !grows) return;
    this.#targetMs = ms;
    this.#load(ms);
  }

  /** Whether there is footage of a moment to play on with; null while that is not known. */
  covers(ms: number): boolean | null {
    const held = this.#window;
    if (this.#state.peek().kind === 'loading' || !held || ms < held.startMs || ms > held.endMs) return null;
    return this.#stretches.some(({ startMs, endMs }) => ms >= startMs - HOLE_MS && ms < endMs - TAIL_MS);
  }

  /** Where the next footage after a moment begins; null when none is known. */
  nextAfter(ms: number): number | null {
    return this.#stretches.find(({ startMs }) => startMs > ms)?.startMs ?? null;
  }

  /** The moment on show; null while there is no picture of it. */
  moment(): number | null {
    const still = this.#pendingSeek === null && !this.#video.seeking;
    return still && this.#state.peek().kind === 'ready'
      ? wallAt(this.#stretches, this.#video.currentTime)
      : null;
  }

  /** Whether it has enough to play on. */
  settled(): boolean {
    return this.moment() !== null && this.#video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** Plays at a rate from where it is. */
  run(rate: number): void {
    if (this.#video.playbackRate !== rate) {
      // A new source sets the rate of the element back to its standard.
      this.#video.defaultPlaybackRate = rate;
      this.#video.playbackRate = rate;
    }
    if (this.#video.paused && this.#state.peek().kind === 'ready') void tryToPlay(this.#video);
  }

  /** Stands still. @param empty because there is no footage here */
  hold(empty = false): void {
    if (!this.#video.paused) this.#video.pause();
    if (empty && this.#state.peek().kind === 'ready') this.#state.value = { kind: 'empty' };
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#settling);
    this.#video.removeEventListener('seeked', this.#onSeeked);
    this.#hls?.destroy();
    emptyVideo(this.#video);
  }

  #load(ms: number): void {
    const endMs = Math.ceil(Math.min(ms + AFTER_MS, exactNow()));
    const startMs = Math.max(0, Math.floor(Math.min(ms, endMs) - BEFORE_MS));
    this.#window = { startMs, endMs: Math.max(endMs, Math.ceil(ms)) };
    this.#loadedMs = exactNow();
    this.#stretches = [];
    this.#pendingSeek = null;
    this.#opened = false;
    this.#state.value = { kind: 'loading' };
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => this.#open(startMs, endMs).catch(() => this.#fail()), SETTLE_MS);
  }

  async #open(startMs: number, endMs: number): Promise<void> {
    const url = apiUrl(`/cameras/${this.#camera}/playlist.m3u8?start=${startMs}&end=${endMs}`);
    const hls = await this.#player();
    if (this.#closed || this.#window?.startMs !== startMs) return;
    this.#opened = true;
    hls.loadSource(url);
    if (!hls.media) hls.attachMedia(this.#video);
  }

  async #player(): Promise<Hls> {
    if (this.#hls) return this.#hls;
    const { hls, Hls } = await createHls({ autoStartLoad: false, maxBufferLength: 20, backBufferLength: 30 });
    if (this.#hls) hls.destroy();
    const kept = this.#hls ?? hls;
    if (kept !== hls) return kept;
    this.#hls = hls;
    this.#Hls = Hls;
    if (this.#closed) hls.destroy();
    // A media playlist alone is its own only level, known before anything is loaded: so loading starts once, and
    // where it has to.
    hls.on(Hls.Events.MANIFEST_PARSED, (_event, { levels }) => this.#onPlaylist(levels[0]?.details));
    hls.on(Hls.Events.ERROR, (_event, data) => this.#onError(data));
    return hls;
  }

  #onPlaylist(details: LevelDetails | undefined): void {
    if (!this.#opened) return;
    this.#stretches = stretchesOf(
      (details?.fragments ?? []).map(({ start, duration, programDateTime }) => ({
        startSeconds: start,
        durationSeconds: duration,
        wallMs: programDateTime,
      })),
    );
    const seconds = this.#secondsOf(this.#targetMs);
    this.#state.value = { kind: seconds === null ? 'empty' : 'ready' };
    if (seconds !== null) this.#hls?.startLoad(seconds);
  }

  /** The newest footage takes a few seconds to be listed: who asks for it gets the newest that is. */
  #secondsOf(ms: number): number | null {
    const last = this.#stretches.at(-1);
    const justMissed = last !== undefined && ms >= last.endMs && ms - last.endMs < EDGE_MS;
    const place = placeOf(this.#stretches, justMissed ? last.endMs - 1_000 : ms);
    return place && place.ms - ms <= HOLE_MS ? place.seconds : null;
  }

  /** One seek at a time: while the element is at it, the newest wish waits. */
  #seek(ms: number): void {
    const seconds = this.#secondsOf(ms);
    if (seconds === null) {
      this.#video.pause();
      this.#state.value = { kind: 'empty' };
      return;
    }
    // Nothing was loaded while there was nothing to show.
    if (this.#state.peek().kind !== 'ready') this.#hls?.startLoad(seconds);
    this.#state.value = { kind: 'ready' };
    if (this.#video.seeking) this.#pendingSeek = seconds;
    else this.#video.currentTime = seconds;
  }

  readonly #onSeeked = (): void => {
    const next = this.#pendingSeek;
    this.#pendingSeek = null;
    if (next !== null) this.#video.currentTime = next;
  };

  #onError({ fatal, details, type, response }: ErrorData): void {
    const known = this.#Hls;
    if (!known || !this.#opened) return;
    if (
      details === known.ErrorDetails.LEVEL_EMPTY_ERROR ||
      details === known.ErrorDetails.LEVEL_PARSING_ERROR
    ) {
      this.#state.value = { kind: 'empty' };
    } else if (isCodec(details, known)) {
      this.#state.value = { kind: 'unsupported' };
    } else if (fatal && LIST.includes(details) && GONE.includes(response?.code ?? 0)) {
      this.#state.value = { kind: 'gone' };
    } else if (fatal && type === known.ErrorTypes.MEDIA_ERROR) {
      this.#hls?.recoverMediaError();
    } else if (fatal || this.#isDeleted(details === known.ErrorDetails.FRAG_LOAD_ERROR, response?.code)) {
      this.#fail();
    }
  }

  /** hls.js tries what is no longer there for half a minute; what there is of it before is played on meanwhile. */
  #isDeleted(isFootage: boolean, status = 0): boolean {
    const hasPicture = this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    return isFootage && GONE.includes(status) && !hasPicture;
  }

  #fail(): void {
    this.#state.value = { kind: 'failed' };
    this.#window = null;
  }
}

function isCodec(details: string, { ErrorDetails }: HlsClass): boolean {
  return (
    details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR ||
    details === ErrorDetails.BUFFER_ADD_CODEC_ERROR
  );
}
