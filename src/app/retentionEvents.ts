/** What the rules delete as a source of events: gathered, so that a recorder that is full does not talk all the time. */
import type { EventDraft } from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';

/** A segment that left the archive. */
export interface DeletedSegment {
  readonly cameraId: CameraId;
  readonly bytes: number;
  readonly endMs: number;
}

/** One event of a camera in so long. */
const EVERY_MS = 3_600_000;

export class RetentionEvents {
  readonly #publish: (draft: EventDraft) => unknown;
  readonly #monotonic: () => number;
  readonly #gone = new Map<CameraId, { segments: number; bytes: number; untilMs: number }>();
  #toldMs: number;

  constructor(publish: (draft: EventDraft) => unknown, monotonic: () => number) {
    this.#publish = publish;
    this.#monotonic = monotonic;
    this.#toldMs = monotonic();
  }

  hear(deleted: readonly DeletedSegment[]): void {
    for (const { cameraId, bytes, endMs } of deleted) {
      const sum = this.#gone.get(cameraId) ?? { segments: 0, bytes: 0, untilMs: 0 };
      sum.segments += 1;
      sum.bytes += bytes;
      sum.untilMs = Math.max(sum.untilMs, endMs);
      this.#gone.set(cameraId, sum);
    }
  }

  /** To be called now and then: tells what has gathered, when it is time. */
  look(): void {
    if (this.#monotonic() - this.#toldMs < EVERY_MS) return;
    this.#toldMs = this.#monotonic();
    for (const [cameraId, { segments, bytes, untilMs }] of this.#gone) {
      const text = `${segments} segments (${(bytes / 1e6).toFixed(1)} MB) were deleted by the rules in the last hour.`;
      this.#publish({ kind: 'retention', cameraId, text, data: { segments, bytes, untilMs } });
    }
    this.#gone.clear();
  }
}
