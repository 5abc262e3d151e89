/** One live stream: takes fragments, answers those who watch it. Its ring holds the media, its window the names. */
import { NvrError } from '../domain/errors.ts';
import type { RunId } from '../domain/ids.ts';
import { type Reload, reloadLimitMs, reloadState } from '../domain/livePlaylist.ts';
import {
  EMPTY_WINDOW,
  findPart,
  forget,
  type LiveWindow,
  nextPart,
  push,
  WINDOW_TARGETS,
} from '../domain/liveWindow.ts';
import type { InitSegment, RunFragment } from '../mp4/types.ts';
import { Arrivals } from './arrivals.ts';
import { Ring, type RingLimits } from './ring.ts';

/** While nobody plays by playlist: the newest whole group of pictures, so that a playlist can begin at once. */
const RESTING_KEEP_MS = 1;
/** A player asks for the playlist every few seconds; after this long without a question it is gone. */
const PLAYER_GONE_MS = 30_000;

export class LiveStream {
  readonly ring: Ring;
  readonly #arrivals = new Arrivals();
  readonly #servingKeepMs: number;
  /** When the playlist was asked for last, on the clock of the fragments. */
  #askedMs = Number.NEGATIVE_INFINITY;
  #window: LiveWindow = EMPTY_WINDOW;
  #closed = false;
  #asked = false;
  /** The newest fragment in one piece, joined once for all who get it. */
  #joined: { readonly entry: RunFragment; readonly bytes: Buffer } | null = null;

  /** @param limits what is kept at least while somebody plays by playlist; less while nobody does */
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
    this.ring.keepMs = startMs - this.#askedMs < PLAYER_GONE_MS ? this.#servingMs() : RESTING_KEEP_MS;
    this.ring.push(entry);
    this.#window = push(this.#window, { runId, sequence, key, startTicks, durationTicks, startMs });
    const oldest = this.ring.entries[0];
    if (key && oldest !== undefined)
      this.#window = forget(this.#window, (held) => held.startMs >= oldest.startMs);
    this.#arrivals.announce();
  }

  /** Somebody watches who neither follows the ring nor plays by playlist; to be said again every few seconds. */
  demand(): void {
    this.#asked = true;
  }

  /** Whether somebody watches, or asked for media since this was read last. */
  takeDemand(): boolean {
    const asked = this.#asked;
    this.#asked = false;
    return asked || this.ring.isFollowed;
  }

  /** The camera is gone: nobody waits for its media any more. */
  close(): void {
    this.#closed = true;
    this.#arrivals.announce();
  }

  /** The bytes of a fragment in one piece; shared, not to be changed. */
  bytesOf(entry: RunFragment): Buffer {
    if (this.#joined?.entry === entry) return this.#joined.bytes;
    const bytes = Buffer.concat(entry.fragment.chunks, entry.fragment.byteLength);
    if (entry === this.ring.entries.at(-1)) this.#joined = { entry, bytes };
    return bytes;
  }

  /** The window as it is now; for what is not asked for by a player. */
  get window(): LiveWindow {
    return this.#window;
  }

  /**
   * The window, once it has a segment and reaches as far as was asked.
   * @throws NvrError `invalid` when that is further than a player may ask, `unavailable` when there is no media, or none
   *   for three target durations
   */
  async windowFor(reload: Reload | null): Promise<LiveWindow> {
    this.#asked = true;
    const newest = this.ring.entries.at(-1);
    if (newest === undefined) {
      throw new NvrError('unavailable', 'The camera has not delivered enough for live playback yet.');
    }
    this.#askedMs = newest.startMs;
    return await this.#until(() => {
      if (this.#window.segments.length === 0) return null;
      const state = reload === null ? 'ready' : reloadState(this.#window, reload);
      if (state === 'too-far') {
        throw new NvrError('invalid', 'That is further ahead than a player may ask.', { field: '_HLS_msn' });
      }
      return state === 'ready' ? this.#window : null;
    });
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

  /**
   * The bytes of the part that begins with a fragment; waits for the part that comes next.
   * @throws NvrError `not-found` when it is not in the ring (any more), or will not come after all; `unavailable` as
   *   `windowFor`
   */
  async part(runId: RunId, sequence: number): Promise<readonly Buffer[]> {
    const { last } = await this.#until(() => {
      const part = findPart(this.#window, { runId, sequence });
      if (part !== undefined) return part;
      const next = nextPart(this.#window);
      if (next?.runId === runId && next.sequence === sequence) return null;
      throw gone();
    });
    return this.fragments(runId, sequence, last.sequence);
  }

  /** How long before the newest fragment this one began, in milliseconds; 0 when it is not in the ring. */
  behindMs(runId: RunId, sequence: number): number {
    const { entries } = this.ring;
    const found = entries.findLast((entry) => entry.runId === runId && entry.fragment.sequence === sequence);
    const newest = entries.at(-1);
    return found === undefined || newest === undefined ? 0 : Math.max(0, newest.startMs - found.startMs);
  }

  async #until<T>(look: () => T | null): Promise<T> {
    return await this.#arrivals.until(() => {
      if (this.#closed) throw gone();
      return look();
    }, reloadLimitMs(this.#window));
  }

  /** A segment stays for one more target duration when it is no longer listed (§6.2.2 of the specification). */
  #servingMs(): number {
    return Math.max(this.#servingKeepMs, this.#window.targetSeconds * (WINDOW_TARGETS + 1) * 1_000);
  }
}

function gone(): NvrError {
  return new NvrError('not-found', 'This part of the live stream is no longer in memory.');
}
