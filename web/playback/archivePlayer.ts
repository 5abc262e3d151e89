/**
 * Plays what was recorded into a video element. It holds the playlist of a window of time around the playhead, and
 * another when the playhead leaves it; whoever uses it speaks of wall time only.
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
  /** The playlist of the window has nothing at or after the playhead. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'failed' };

interface Loaded extends Interval {
  readonly camera: string;
}

/** Before the playhead, so that going back a little needs no new playlist; and after it. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 60 * 60_000;
/** Longest time until footage is listed. */
const EDGE_MS = 15_000;
/** Scrubbing over windows asks for each no more often than this. */
const SETTLE_MS = 120;

export class ArchivePlayer {
  readonly #video: HTMLVideoElement;
  readonly #state = signal<ArchiveState>({ kind: 'idle' });
  /** The moment on show, in epoch milliseconds. */
  readonly #onMoment: (ms: number) => void;
  #hls: Hls | null = null;
  #Hls: HlsClass | null = null;
  #window: Loaded | null = null;
  #stretches: readonly Stretch[] = [];
  #targetMs = 0;
  #wantsPlay = false;
  #pendingSeek: number | null = null;
  #settling: number | undefined;
  #closed = false;

  constructor(video: HTMLVideoElement, onMoment: (ms: number) => void) {
    this.#video = video;
    this.#onMoment = onMoment;
    video.addEventListener('seeked', this.#onSeeked);
    video.addEventListener('ended', this.#onEnded);
  }

  get state(): ReadonlySignal<ArchiveState> {
    return this.#state;
  }

  /** Shows a moment of a camera, or the footage next after it. */
  show(camera: string, ms: number): void {
    this.#targetMs = ms;
    const held = this.#window;
    const inside = held?.camera === camera && ms >= held.startMs && ms < held.endMs;
    if (!inside) this.#load(camera, ms);
    else if (this.#stretches.length > 0) this.#seek(ms);
  }

  play(): void {
    this.#wantsPlay = true;
    if (this.#state.peek().kind === 'ready') void tryToPlay(this.#video);
  }

  pause(): void {
    this.#wantsPlay = false;
    this.#video.pause();
  }

  /** The moment on show; null before there is a picture. */
  moment(): number | null {
    return this.#pendingSeek === null && !this.#video.seeking
      ? wallAt(this.#stretches, this.#video.currentTime)
      : null;
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#settling);
    this.#video.removeEventListener('seeked', this.#onSeeked);
    this.#video.removeEventListener('ended', this.#onEnded);
    this.#hls?.destroy();
    emptyVideo(this.#video);
  }

  #load(camera: string, ms: number): void {
    const endMs = Math.min(ms + AFTER_MS, Math.floor(exactNow()));
    const startMs = Math.max(0, Math.floor(Math.min(ms, endMs) - BEFORE_MS));
    this.#window = { camera, startMs, endMs };
    this.#stretches = [];
    this.#pendingSeek = null;
    this.#state.value = { kind: 'loading' };
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => void this.#open(camera, startMs, Math.ceil(endMs)), SETTLE_MS);
  }

  async #open(camera: string, startMs: number, endMs: number): Promise<void> {
    const url = apiUrl(`/cameras/${camera}/playlist.m3u8?start=${startMs}&end=${endMs}`);
    const hls = await this.#player();
    if (this.#closed || this.#window?.startMs !== startMs || this.#window.camera !== camera) return;
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
    this.#stretches = stretchesOf(
      (details?.fragments ?? []).map(({ start, duration, programDateTime }) => ({
        startSeconds: start,
        durationSeconds: duration,
        wallMs: programDateTime,
      })),
    );
    const place = this.#placeOf(this.#targetMs);
    if (!place) {
      this.#state.value = { kind: 'empty' };
      return;
    }
    this.#hls?.startLoad(place.seconds);
    this.#state.value = { kind: 'ready' };
    this.#onMoment(place.ms);
    if (this.#wantsPlay) void tryToPlay(this.#video);
  }

  /** The newest footage takes a few seconds to be listed: who asks for it gets the newest that is. */
  #placeOf(ms: number): { readonly seconds: number; readonly ms: number } | null {
    const last = this.#stretches.at(-1);
    const justMissed = last !== undefined && ms >= last.endMs && ms - last.endMs < EDGE_MS;
    return placeOf(this.#stretches, justMissed ? last.endMs - 1_000 : ms);
  }

  /** One seek at a time: while the element is at it, the newest wish waits. */
  #seek(ms: number): void {
    const place = this.#placeOf(ms);
    if (!place) {
      this.#video.pause();
      this.#state.value = { kind: 'empty' };
      return;
    }
    this.#state.value = { kind: 'ready' };
    if (this.#video.seeking) this.#pendingSeek = place.seconds;
    else this.#video.currentTime = place.seconds;
    if (this.#wantsPlay && this.#video.paused) void tryToPlay(this.#video);
  }

  readonly #onSeeked = (): void => {
    const next = this.#pendingSeek;
    this.#pendingSeek = null;
    if (next !== null) this.#video.currentTime = next;
  };

  /** The window is played through: there may be more after it by now. */
  readonly #onEnded = (): void => {
    const last = this.#stretches.at(-1);
    if (!this.#window || !last) return;
    this.#targetMs = last.endMs + 1;
    this.#load(this.#window.camera, this.#targetMs);
  };

  #onError({ fatal, details, type }: ErrorData): void {
    const known = this.#Hls;
    if (!known) return;
    if (
      details === known.ErrorDetails.LEVEL_EMPTY_ERROR ||
      details === known.ErrorDetails.LEVEL_PARSING_ERROR
    ) {
      this.#state.value = { kind: 'empty' };
    } else if (isCodec(details, known)) {
      this.#state.value = { kind: 'unsupported' };
    } else if (fatal && type === known.ErrorTypes.MEDIA_ERROR) {
      this.#hls?.recoverMediaError();
    } else if (fatal) {
      this.#state.value = { kind: 'failed' };
      this.#window = null;
    }
  }
}

function isCodec(details: string, { ErrorDetails }: HlsClass): boolean {
  return (
    details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR ||
    details === ErrorDetails.BUFFER_ADD_CODEC_ERROR
  );
}
