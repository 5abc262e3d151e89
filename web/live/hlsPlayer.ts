/** Plays a camera live over HLS: where no WebSocket gets through, or the browser has no Media Source Extensions. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { apiUrl } from '../core/api.ts';
import { createHls, type Hls } from '../media/hls.ts';
import { emptyVideo, MediaSourceClass, tryToPlay } from '../media/video.ts';
import { adviseEdge, LowWater } from './edge.ts';
import type { LivePlayer, PlayerState } from './player.ts';

const RETRY_MS = 2_000;
/**
 * Target durations behind the edge from which on hls.js leaps forward. Without, it stays as far behind as it once fell.
 */
const MOST_BEHIND_TARGETS = 2;
/** Later than the playlist asks for by less than this is not made up for. */
const LEAST_LATE_SECONDS = 0.05;

export class HlsLivePlayer implements LivePlayer {
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #state = signal<PlayerState>({ kind: 'opening' });
  readonly #behind = signal(false);
  readonly #lowWater = new LowWater();
  #hls: Hls | null = null;
  #retry: number | undefined;
  #closed = false;

  constructor(camera: string, video: HTMLVideoElement) {
    this.#video = video;
    this.#url = apiUrl(`/cameras/${camera}/live/playlist.m3u8`);
    video.addEventListener('playing', this.#onPlaying);
    video.addEventListener('error', this.#onFailure);
    video.addEventListener('seeking', this.#onBreak);
    video.addEventListener('waiting', this.#onBreak);
    this.#start();
  }

  get state(): ReadonlySignal<PlayerState> {
    return this.#state;
  }

  get behind(): ReadonlySignal<boolean> {
    return this.#behind;
  }

  back(seconds: number): boolean {
    const target = this.#video.currentTime - seconds;
    const { seekable } = this.#video;
    if (seekable.length === 0 || target < seekable.start(0)) return false;
    this.#behind.value = true;
    this.#stayLive();
    this.#video.currentTime = target;
    return true;
  }

  toEdge(): void {
    this.#behind.value = false;
    this.#stayLive();
    const edge = this.#hls?.liveSyncPosition;
    if (edge) this.#video.currentTime = edge;
  }

  wallMs(): number | null {
    return this.#hls?.playingDate?.getTime() ?? null;
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#retry);
    this.#video.removeEventListener('playing', this.#onPlaying);
    this.#video.removeEventListener('error', this.#onFailure);
    this.#video.removeEventListener('seeking', this.#onBreak);
    this.#video.removeEventListener('waiting', this.#onBreak);
    this.#hls?.destroy();
    this.#hls = null;
    emptyVideo(this.#video);
  }

  #start(): void {
    if (MediaSourceClass) this.#open().catch(this.#onFailure);
    else this.#openNative();
  }

  async #open(): Promise<void> {
    const { hls, Hls } = await createHls({
      // How far behind the newest part it plays is what the playlist says, also after a standstill.
      lowLatencyMode: true,
      liveSyncOnStallIncrease: 0,
      backBufferLength: 25,
    });
    if (this.#closed) return hls.destroy();
    this.#hls = hls;
    this.#stayLive();
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#play());
    hls.on(Hls.Events.BUFFER_APPENDED, () => this.#steer(hls));
    hls.on(Hls.Events.ERROR, (_event, { fatal, details }) => {
      if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
        this.#state.value = { kind: 'unsupported', codecs: '' };
      } else if (fatal) this.#onFailure();
    });
    hls.attachMedia(this.#video);
    hls.loadSource(this.#url);
  }

  /** Near the edge, unless the user went back. (Given with the others, hls.js would want the hold-back of it as well.) */
  #stayLive(): void {
    const most = this.#behind.value ? Number.POSITIVE_INFINITY : MOST_BEHIND_TARGETS;
    if (this.#hls !== null) this.#hls.config.liveMaxLatencyDurationCount = most;
  }

  /**
   * Plays faster, or jumps, while it is later than the playlist asks for and there is enough left to play. By itself hls.js does that only with more than a
   * second left; so near to the edge there is less, and what is once late would stay so.
   */
  #steer(hls: Hls): void {
    const { latency, targetLatency } = hls;
    const { buffered, currentTime } = this.#video;
    const last = buffered.length - 1;
    if (last < 0 || this.#video.paused) return;
    const now = performance.now();
    const edge = { startSeconds: buffered.start(last), endSeconds: buffered.end(last) };
    // Older parts come one right after the other: how little is left before those says nothing.
    const newestSeconds = hls.latestLevelDetails?.edge ?? 0;
    if (edge.endSeconds > newestSeconds - LEAST_LATE_SECONDS)
      this.#lowWater.note(edge.endSeconds - currentTime, now);
    const { seekTo, rate } = adviseEdge(currentTime, edge, this.#lowWater.lowest(now), this.#behind.peek());
    const isLate = targetLatency !== null && latency - targetLatency > LEAST_LATE_SECONDS;
    if (isLate && seekTo !== null) this.#video.currentTime = Math.min(seekTo, hls.liveSyncPosition ?? seekTo);
    this.#video.playbackRate = isLate ? rate : Math.min(1, rate);
  }

  #openNative(): void {
    this.#video.src = this.#url;
    this.#play();
  }

  #play(): void {
    void tryToPlay(this.#video).then((plays) => {
      if (!plays && !this.#closed) this.#state.value = { kind: 'blocked' };
    });
  }

  readonly #onPlaying = (): void => {
    this.#state.value = { kind: 'playing' };
  };

  /** What was left before a jump or a standstill says nothing about what comes. */
  readonly #onBreak = (): void => {
    this.#lowWater.forget();
  };

  readonly #onFailure = (): void => {
    if (this.#closed || this.#retry !== undefined) return;
    this.#state.value = { kind: 'opening' };
    this.#retry = window.setTimeout(() => {
      this.#retry = undefined;
      this.#hls?.destroy();
      this.#hls = null;
      this.#start();
    }, RETRY_MS);
  };
}
