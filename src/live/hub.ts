/** What is live now, of every camera: its ring, its sliding HLS window, and who wants to hear of new fragments. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import {
  EMPTY_WINDOW,
  forget,
  type LiveUris,
  type LiveWindow,
  livePlaylist,
  push,
} from '../domain/livePlaylist.ts';
import type { EpochMs } from '../domain/time.ts';
import type { InitSegment, RunFragment } from '../mp4/types.ts';
import { Ring, type RingLimits } from './ring.ts';

/** While nobody plays by playlist: the newest whole group of pictures, so that a playlist can begin at once. */
const RESTING_KEEP_MS = 1;
/** A player asks for the playlist every few seconds; after this long without a question it is gone. */
const PLAYER_GONE_MS = 30_000;

/** One stream: takes fragments, answers viewers. */
export class LiveStream {
  readonly ring: Ring;
  readonly #servingKeepMs: number;
  /** When the playlist was asked for last, on the clock of the fragments. */
  #askedMs = Number.NEGATIVE_INFINITY;
  #window: LiveWindow = EMPTY_WINDOW;
  /** The newest fragment in one piece, joined once for all who get it. */
  #joined: { readonly entry: RunFragment; readonly bytes: Buffer } | null = null;

  /** @param limits what is kept while somebody plays by playlist; less while nobody does */
  constructor({ keepMs, maxBytes }: RingLimits) {
    this.#servingKeepMs = keepMs;
    this.ring = new Ring({ keepMs: RESTING_KEEP_MS, maxBytes });
  }

  /** Oldest first; the first is a key fragment. */
  get entries(): readonly RunFragment[] {
    return this.ring.entries;
  }

  push(entry: RunFragment): void {
    const { runId, startMs, fragment } = entry;
    const { sequence, key, startTicks, durationTicks } = fragment;
    this.ring.keepMs = startMs - this.#askedMs < PLAYER_GONE_MS ? this.#servingKeepMs : RESTING_KEEP_MS;
    this.ring.push(entry);
    this.#window = push(this.#window, { runId, sequence, key, startTicks, durationTicks, startMs });
    const oldest = this.ring.entries[0];
    if (key && oldest !== undefined)
      this.#window = forget(this.#window, (held) => held.startMs >= oldest.startMs);
  }

  /** The bytes of a fragment in one piece; shared, not to be changed. */
  bytesOf(entry: RunFragment): Buffer {
    if (this.#joined?.entry === entry) return this.#joined.bytes;
    const bytes = Buffer.concat(entry.fragment.chunks, entry.fragment.byteLength);
    if (entry === this.ring.entries.at(-1)) this.#joined = { entry, bytes };
    return bytes;
  }

  /** Text of the live playlist. @throws NvrError `unavailable` before the first segment is complete. */
  playlist(uris: LiveUris): string {
    if (this.#window.segments.length === 0) {
      throw new NvrError('unavailable', 'The camera has not delivered enough for live playback yet.');
    }
    this.#askedMs = this.ring.entries.at(-1)?.startMs ?? this.#askedMs;
    return livePlaylist(this.#window, uris);
  }

  /** @throws NvrError `not-found` when the ring holds nothing of that run. */
  init(runId: RunId): InitSegment {
    const found = this.ring.entries.find((entry) => entry.runId === runId);
    if (found === undefined) throw gone();
    return found.init;
  }

  /**
   * The bytes of the fragments with sequence `first` to `last`, both included; shared, not to be changed.
   * @throws NvrError `not-found` when any of them is not in the ring (any more).
   */
  fragments(runId: RunId, first: number, last: number): readonly Buffer[] {
    const found = this.ring.entries.filter(
      ({ runId: of, fragment }) => of === runId && fragment.sequence >= first && fragment.sequence <= last,
    );
    if (found.length === 0 || found.length !== last - first + 1) throw gone();
    return found.flatMap(({ fragment }) => fragment.chunks);
  }
}

/** How one camera is watched, for those who want to know who looks. */
export interface ViewerView {
  readonly user: string;
  readonly transport: 'websocket';
  readonly sinceMs: EpochMs;
  readonly queuedBytes: number;
  readonly skippedFragments: number;
}

/** Someone who watches and has to hear when a camera goes. */
export interface Watcher {
  dropped(id: CameraId): void;
  viewOf(id: CameraId): ViewerView | null;
}

/** All streams by camera, and all who watch. */
export class LiveHub {
  readonly #limits: RingLimits;
  readonly #streams = new Map<CameraId, LiveStream>();
  readonly #watchers = new Set<Watcher>();

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** The camera's stream, made when it is first asked for. */
  open(id: CameraId): LiveStream {
    const stream = this.#streams.get(id) ?? new LiveStream(this.#limits);
    this.#streams.set(id, stream);
    return stream;
  }

  /** @throws NvrError `not-found`. */
  get(id: CameraId): LiveStream {
    const stream = this.#streams.get(id);
    if (stream === undefined)
      throw new NvrError('not-found', `There is no camera ${id}.`, { field: 'cameraId' });
    return stream;
  }

  /** The camera is gone; its viewers are told. */
  drop(id: CameraId): void {
    this.#streams.delete(id);
    for (const watcher of this.#watchers) watcher.dropped(id);
  }

  join(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** Everybody who watches a camera now. */
  viewers(id: CameraId): ViewerView[] {
    return [...this.#watchers].flatMap((watcher) => watcher.viewOf(id) ?? []);
  }
}

function gone(): NvrError {
  return new NvrError('not-found', 'This part of the live stream is no longer in memory.');
}
