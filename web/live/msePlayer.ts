/**
 * Plays fragments from the live socket through Media Source Extensions, at the live edge. A new run continues where
 * the last one ended on the element's own timeline, which starts at zero and never ends.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { cameraById } from '../core/fleet.ts';
import { canDecode, emptyVideo, MediaSourceClass, mp4Type, tryToPlay } from '../media/video.ts';
import { type Advice, adviseEdge, LowWater, RESERVE_SECONDS } from './edge.ts';
import type { LiveFrame } from './frames.ts';
import type { LivePlayer, PlayerState } from './player.ts';
import { type StreamName, subscribeLive } from './socket.ts';
import { WallMarks } from './wallMarks.ts';

type Piece =
  | { readonly kind: 'init'; readonly codecs: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'fragment'; readonly frame: LiveFrame };

/** Kept behind the picture, so that going back a little needs no network. */
const KEEP_SECONDS = 25;
const TRIM_EVERY_SECONDS = 10;
const STEER_EVERY_MS = 500;
/** A camera that sends is heard of more often; a connection that is dead is not told to be so. */
const SILENT_MS = 8_000;
/** More than this is waiting to be appended only when the element is stuck. */
const MOST_WAITING = 120;

export class MsePlayer implements LivePlayer {
  static readonly supported = MediaSourceClass !== undefined;
  readonly #video: HTMLVideoElement;
  readonly #state = signal<PlayerState>({ kind: 'opening' });
  readonly #behind = signal(false);
  readonly #marks = new WallMarks();
  readonly #lowWater = new LowWater();
  readonly #camera: string;
  readonly #stream: StreamName;
  #unsubscribe: () => void;
  readonly #steering: number;
  #buffer: SourceBuffer | null = null;
  #codecs = '';
  #url = '';
  #waiting: Piece[] = [];
  #heardMs = performance.now();
  /** The next fragment is the first of a run and has to be put behind the last of the run before. */
  #joining = true;

  constructor(camera: string, video: HTMLVideoElement, stream: StreamName) {
    this.#camera = camera;
    this.#stream = stream;
    this.#video = video;
    video.addEventListener('playing', this.#onPlaying);
    video.addEventListener('error', this.#onError);
    this.#steering = window.setInterval(() => this.#steer(), STEER_EVERY_MS);
    this.#unsubscribe = this.#subscribe();
  }

  get state(): ReadonlySignal<PlayerState> {
    return this.#state;
  }

  get behind(): ReadonlySignal<boolean> {
    return this.#behind;
  }

  back(seconds: number): boolean {
    const target = this.#video.currentTime - seconds;
    const { buffered } = this.#video;
    if (buffered.length === 0 || target < buffered.start(0)) return false;
    this.#behind.value = true;
    this.#video.playbackRate = 1;
    this.#video.currentTime = target;
    return true;
  }

  toEdge(): void {
    this.#behind.value = false;
    this.#steer(true);
  }

  wallMs(): number | null {
    return this.#marks.at(this.#video.currentTime);
  }

  close(): void {
    this.#unsubscribe();
    window.clearInterval(this.#steering);
    this.#video.removeEventListener('playing', this.#onPlaying);
    this.#video.removeEventListener('error', this.#onError);
    this.#discard();
    emptyVideo(this.#video);
  }

  #subscribe(): () => void {
    return subscribeLive(this.#camera, this.#stream, {
      init: (codecs, { bytes }) => this.#begin(codecs, bytes),
      fragment: (frame) => this.#append(frame),
      lost: () => this.#lose(),
    });
  }

  #begin(codecs: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (!canDecode(codecs)) {
      this.#waiting = [];
      this.#codecs = '';
      this.#state.value = { kind: 'unsupported', codecs };
      return;
    }
    // What was still waiting is older than what follows: a viewer that comes back wants the newest.
    this.#waiting = [{ kind: 'init', codecs, bytes }];
    if (!this.#url) this.#open(codecs);
    this.#pump();
  }

  #append(frame: LiveFrame): void {
    this.#heardMs = performance.now();
    if (this.#state.peek().kind === 'unsupported') return;
    this.#waiting.push({ kind: 'fragment', frame });
    if (this.#waiting.length > MOST_WAITING) this.#rebuild();
    else this.#pump();
  }

  #lose(): void {
    this.#waiting = [];
    if (this.#state.peek().kind !== 'unsupported') this.#state.value = { kind: 'opening' };
  }

  #open(codecs: string): void {
    if (!MediaSourceClass) return;
    const source = new MediaSourceClass();
    this.#url = URL.createObjectURL(source);
    this.#video.src = this.#url;
    const url = this.#url;
    source.addEventListener(
      'sourceopen',
      () => {
        if (this.#url !== url) return;
        source.duration = Number.POSITIVE_INFINITY;
        this.#buffer = source.addSourceBuffer(mp4Type(codecs));
        this.#codecs = codecs;
        this.#buffer.addEventListener('updateend', () => this.#pump());
        this.#pump();
      },
      { once: true },
    );
  }

  /** Gives the buffer what is next: an init segment, or all fragments that wait. */
  #pump(): void {
    const buffer = this.#buffer;
    const piece = this.#waiting[0];
    if (!buffer || !piece || buffer.updating || this.#video.error) return;
    try {
      if (this.#trim(buffer)) return;
      const frames = this.#waitingFrames();
      if (piece.kind === 'init') this.#appendInit(buffer, piece.codecs, piece.bytes);
      else this.#appendFragments(buffer, frames);
      this.#waiting.splice(0, Math.max(1, frames.length));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') this.#makeRoom(buffer);
      else this.#rebuild();
    }
  }

  #appendInit(buffer: SourceBuffer, codecs: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (codecs !== this.#codecs) buffer.changeType(mp4Type(codecs));
    this.#codecs = codecs;
    this.#joining = true;
    buffer.appendBuffer(bytes);
  }

  /** The fragments that wait before the next init segment. */
  #waitingFrames(): LiveFrame[] {
    const frames: LiveFrame[] = [];
    for (const piece of this.#waiting) {
      if (piece.kind === 'init') break;
      frames.push(piece.frame);
    }
    return frames;
  }

  /** In one go: each append costs a turn of the page, and a page that shows many cameras has fewer turns than they fragments. */
  #appendFragments(buffer: SourceBuffer, frames: readonly LiveFrame[]): void {
    for (const { mediaSeconds, wallMs } of frames) {
      if (this.#joining) {
        const end = buffer.buffered.length > 0 ? buffer.buffered.end(buffer.buffered.length - 1) : 0;
        buffer.timestampOffset = end - mediaSeconds;
        this.#joining = false;
      }
      this.#marks.add(mediaSeconds + buffer.timestampOffset, wallMs);
    }
    this.#noteLeft();
    buffer.appendBuffer(joined(frames.map(({ bytes }) => bytes)));
  }

  /** Whether it began to remove what is too old. */
  #trim(buffer: SourceBuffer): boolean {
    if (buffer.buffered.length === 0) return false;
    const until = this.#video.currentTime - KEEP_SECONDS;
    if (buffer.buffered.start(0) > until - TRIM_EVERY_SECONDS) return false;
    buffer.remove(0, until);
    this.#marks.forget(until);
    return true;
  }

  #makeRoom(buffer: SourceBuffer): void {
    const until = this.#video.currentTime - 1;
    if (buffer.buffered.length === 0 || buffer.buffered.start(0) >= until) this.#rebuild();
    else buffer.remove(0, until);
  }

  /** Starts anew, with what the recorder sends on a new subscription: the init segment and the last key frame. */
  #rebuild(): void {
    this.#unsubscribe();
    this.#discard();
    this.#lose();
    this.#unsubscribe = this.#subscribe();
  }

  #discard(): void {
    this.#buffer = null;
    this.#codecs = '';
    this.#joining = true;
    this.#marks.forget(Number.POSITIVE_INFINITY);
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = '';
  }

  /** Keeps the picture at the live edge, and the player from standing in front of a hole. */
  #steer(force = false): void {
    if (this.#isCutOff()) {
      this.#rebuild();
      return;
    }
    const { buffered, currentTime } = this.#video;
    const last = buffered.length - 1;
    if (last < 0) return;
    const edge = { startSeconds: buffered.start(last), endSeconds: buffered.end(last) };
    const behind = this.#behind.peek() && currentTime >= buffered.start(0);
    const left = this.#lowWater.lowest(performance.now());
    this.#follow(
      force
        ? { seekTo: edge.endSeconds - RESERVE_SECONDS, rate: 1 }
        : adviseEdge(currentTime, edge, left, behind),
    );
  }

  /** Whether the picture stands although, as far as is known, the camera sends: then it is of the past, and asked for anew. */
  #isCutOff(): boolean {
    const silent = performance.now() - this.#heardMs > SILENT_MS;
    const playing = this.#state.peek().kind === 'playing';
    return silent && playing && cameraById.peek().get(this.#camera)?.status.source.state === 'live';
  }

  /** How much there is to play at the moment when the next fragment comes. */
  #noteLeft(): void {
    const { buffered, currentTime } = this.#video;
    if (buffered.length === 0 || this.#state.peek().kind !== 'playing') return;
    this.#lowWater.note(buffered.end(buffered.length - 1) - currentTime, performance.now());
  }

  #follow({ seekTo, rate }: Advice): void {
    if (seekTo !== null) {
      this.#video.currentTime = seekTo;
      this.#lowWater.forget();
    }
    if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
    if (!this.#video.paused || this.#state.peek().kind === 'blocked') return;
    void tryToPlay(this.#video).then((plays) => {
      if (!plays && this.#url) this.#state.value = { kind: 'blocked' };
    });
  }

  readonly #onPlaying = (): void => {
    // What came first was as old as the last key frame.
    if (this.#state.peek().kind === 'opening') this.#steer(true);
    this.#state.value = { kind: 'playing' };
  };

  readonly #onError = (): void => {
    if (this.#url) this.#rebuild();
  };
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
