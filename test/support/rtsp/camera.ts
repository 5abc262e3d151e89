/** One simulated camera: its tracks, the faults in force, its counters and who watches it. */
import type { VideoFootage } from '../footage.ts';
import { audioTrack } from './audioTracks.ts';
import type { Track } from './track.ts';
import type { CameraCounters, CameraOptions, Fault } from './types.ts';
import { videoTrack } from './videoTracks.ts';

/** A connection as its camera sees it. */
export interface Watcher {
  readonly playing: boolean;
  /** Ends the connection with RST. */
  reset(): void;
  /** Ends the connection with FIN. */
  end(): void;
  /** Loses the next `frames` video frames on the way. */
  drop(frames: number): void;
}

/** What each stream turns into in mid-stream: another resolution in the same codec, at the same frame rate. */
const SWAPPED: Readonly<Record<VideoFootage, VideoFootage>> = {
  h264: 'small',
  small: 'h264',
  hd: 'h264',
  timecode: 'small',
  'timecode-sub': 'sub',
  sub: 'h264-bframes',
  'h264-bframes': 'sub',
  h265: 'h265-small',
  'h265-small': 'h265',
};

const NO_FAULTS = {
  stalled: false,
  frozen: false,
  silent: false,
  down: false,
  mute: false,
  garbles: false,
  timestampJumpSeconds: 0,
};

export class Camera {
  readonly path: string;
  readonly number: number;
  readonly watchers = new Set<Watcher>();
  readonly #loadVideo: (name: VideoFootage) => Promise<Track>;
  readonly #videoName: VideoFootage;
  readonly #audio: Track | undefined;
  readonly #original: Track;
  #video: Track;
  #faults = { ...NO_FAULTS };
  #pause: NodeJS.Timeout | undefined;
  #lastFrameNumber = 0;
  #lastSentMs: number | null = null;
  #counted = { plays: 0, authFailures: 0, frames: 0, bytes: 0, withheld: 0 };

  private constructor(options: CameraOptions & { readonly number: number }, tracks: Tracks) {
    this.path = options.path;
    this.number = options.number;
    this.#videoName = options.video;
    this.#original = tracks.video;
    this.#video = tracks.video;
    this.#audio = tracks.audio;
    this.#loadVideo = tracks.loadVideo;
  }

  /** Makes a camera and its footage. */
  static async load(options: CameraOptions & { readonly number: number }, stamp: boolean): Promise<Camera> {
    const loadVideo = (name: VideoFootage) => videoTrack(name, stamp);
    const { audio = 'none' } = options;
    return new Camera(options, {
      loadVideo,
      video: await loadVideo(options.video),
      audio: audio === 'none' ? undefined : await audioTrack(audio),
    });
  }

  /** The video track that is played from the next keyframe on. */
  get video(): Track {
    return this.#video;
  }

  /** What a client can set up, in the order of the SDP. */
  get tracks(): readonly Track[] {
    return this.#audio === undefined ? [this.#video] : [this.#video, this.#audio];
  }

  get faults(): Readonly<typeof NO_FAULTS> {
    return this.#faults;
  }

  get counters(): CameraCounters {
    const clients = [...this.watchers].filter(({ playing }) => playing).length;
    return { path: this.path, clients, ...this.#counted, lastSentMs: this.#lastSentMs };
  }

  /**
   * The number of the first frame of a client that plays from now: the frames of this rate since 1970, so that
   * it grows over restarts, and never one that was sent before.
   */
  firstFrameNumber(fps: number): number {
    return Math.max(Math.ceil((Date.now() / 1000) * fps), this.#lastFrameNumber + 1);
  }

  countPlay(): void {
    this.#counted.plays += 1;
  }

  countAuthFailure(): void {
    this.#counted.authFailures += 1;
  }

  countWithheld(): void {
    this.#counted.withheld += 1;
  }

  countFrame(number: number): void {
    this.#counted.frames += 1;
    this.#lastSentMs = Date.now();
    this.#lastFrameNumber = Math.max(this.#lastFrameNumber, number);
  }

  countBytes(bytes: number): void {
    this.#counted.bytes += bytes;
  }

  /** As after a reboot: no faults, counters at zero. */
  reboot(): void {
    clearTimeout(this.#pause);
    this.#faults = { ...NO_FAULTS };
    this.#video = this.#original;
    this.#lastSentMs = null;
    this.#counted = { plays: 0, authFailures: 0, frames: 0, bytes: 0, withheld: 0 };
  }

  /** Puts a fault in force; its effect on what is sent shows at once, or at the next keyframe where it says so. */
  async apply(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'stall':
        this.#faults.stalled = fault.on;
        return;
      case 'pause':
        return this.#pauseFor(fault.ms);
      case 'freeze':
        this.#faults.frozen = fault.on;
        return;
      case 'blackhole':
        this.#faults.silent = fault.on;
        return;
      case 'noAudio':
        this.#faults.mute = fault.on;
        return;
      case 'garbage':
        this.#faults.garbles = fault.on;
        return;
      case 'timestampJump':
        this.#faults.timestampJumpSeconds += fault.seconds;
        return;
      case 'swap':
        return await this.#swap();
      case 'up':
        this.#faults.down = false;
        return;
      default:
        return this.#disturb(fault);
    }
  }

  #disturb(fault: Extract<Fault, { kind: 'down' | 'reset' | 'fin' | 'drop' }>): void {
    if (fault.kind === 'down') this.#faults.down = true;
    for (const watcher of [...this.watchers]) {
      if (fault.kind === 'drop') watcher.drop(fault.frames);
      else if (fault.kind === 'fin') watcher.end();
      else watcher.reset();
    }
  }

  #pauseFor(ms: number): void {
    clearTimeout(this.#pause);
    this.#faults.stalled = true;
    this.#pause = setTimeout(() => {
      this.#faults.stalled = false;
    }, ms);
  }

  async #swap(): Promise<void> {
    const other = await this.#loadVideo(SWAPPED[this.#videoName]);
    this.#video = this.#video === this.#original ? other : this.#original;
  }
}

interface Tracks {
  readonly loadVideo: (name: VideoFootage) => Promise<Track>;
  readonly video: Track;
  readonly audio: Track | undefined;
}
