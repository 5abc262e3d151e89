/** Cameras as a source of events: hears what their conductors do, and tells it. Delays none of them. */
import type { Ledger, Surroundings } from '../cameras/doors.ts';
import {
  gapBegun,
  gapEnded,
  recordingStarted,
  recordingStopped,
  soundNews,
  sourceNews,
  type ToldOfSource,
} from '../domain/cameraNews.ts';
import type { EventDraft } from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';
import type { GapCause } from '../domain/recording.ts';
import type { SourceState } from '../domain/source.ts';
import type { EpochMs } from '../domain/time.ts';

/** Shorter gaps are told when they are over, and empty ones never: every start of a recording opens one. */
const SETTLE_MS = 2_000;

/** Causes that pass by themselves. */
const PASSING: readonly GapCause[] = ['connecting', 'starting'];

interface OpenGap {
  readonly fromMs: EpochMs;
  readonly timer: NodeJS.Timeout;
  cause: GapCause;
  told: boolean;
}

export class CameraEvents {
  readonly #publish: (draft: EventDraft) => unknown;
  readonly #sources = new Map<CameraId, ToldOfSource>();
  readonly #gaps = new Map<CameraId, OpenGap>();
  #closed = false;

  constructor(publish: (draft: EventDraft) => unknown) {
    this.#publish = publish;
  }

  /** The same surroundings, and whatever is done through them is told. */
  overhear(around: Surroundings): Surroundings {
    return {
      ...around,
      ledger: this.#overheard(around.ledger),
      onSource: (id, state) => {
        around.onSource?.(id, state);
        this.#sourceIs(id, state);
      },
      onSound: (id, silent) => {
        around.onSound?.(id, silent);
        if (!this.#closed) this.#publish(soundNews(id, silent));
      },
      dropRing: (id) => {
        around.dropRing(id);
        this.#forget(id);
      },
    };
  }

  /** Nothing is told of sources and gaps any more: all of them are about to be closed by the shutdown. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#gaps.values()) clearTimeout(timer);
  }

  #overheard(ledger: Ledger): Ledger {
    return {
      ...ledger,
      beginRecording: (id, reason, fromMs) => {
        ledger.beginRecording(id, reason, fromMs);
        this.#publish(recordingStarted(id, reason, fromMs));
      },
      endRecording: (id, endMs, reason) => {
        ledger.endRecording(id, endMs, reason);
        this.#publish(recordingStopped(id, reason, endMs));
      },
      openGap: (id, fromMs, cause) => {
        ledger.openGap(id, fromMs, cause);
        this.#gapOpened(id, fromMs, cause);
      },
      updateGap: (id, cause) => {
        ledger.updateGap(id, cause);
        this.#gapChanged(id, cause);
      },
      closeGap: (id, atMs) => {
        ledger.closeGap(id, atMs);
        this.#gapClosed(id, atMs);
      },
    };
  }

  #sourceIs(id: CameraId, state: SourceState): void {
    if (this.#closed) return;
    const [told, news] = sourceNews(id, this.#sources.get(id) ?? null, state);
    this.#sources.set(id, told);
    if (news !== null) this.#publish(news);
  }

  #gapOpened(id: CameraId, fromMs: EpochMs, cause: GapCause): void {
    clearTimeout(this.#gaps.get(id)?.timer);
    const timer = setTimeout(() => this.#tellGap(id), SETTLE_MS).unref();
    this.#gaps.set(id, { fromMs, timer, cause, told: false });
    if (!PASSING.includes(cause)) this.#tellGap(id);
  }

  #gapChanged(id: CameraId, cause: GapCause): void {
    const gap = this.#gaps.get(id);
    if (gap === undefined) return;
    gap.cause = cause;
    if (!PASSING.includes(cause)) this.#tellGap(id);
  }

  #tellGap(id: CameraId): void {
    const gap = this.#gaps.get(id);
    if (gap === undefined || gap.told || this.#closed) return;
    clearTimeout(gap.timer);
    gap.told = true;
    this.#publish(gapBegun(id, gap.cause, gap.fromMs));
  }

  #gapClosed(id: CameraId, atMs: EpochMs): void {
    const gap = this.#gaps.get(id);
    if (gap === undefined) return;
    if (atMs > gap.fromMs) this.#tellGap(id);
    clearTimeout(gap.timer);
    this.#gaps.delete(id);
    if (gap.told) this.#publish(gapEnded(id, gap.cause, { startMs: gap.fromMs, endMs: atMs }));
  }

  #forget(id: CameraId): void {
    this.#sources.delete(id);
    clearTimeout(this.#gaps.get(id)?.timer);
    this.#gaps.delete(id);
  }
}
