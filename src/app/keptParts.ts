/** Parts of timelines as they were put together, kept until anything in them changes, up to so many bytes. */
import type { TimelineListener } from '../archive/timelineChanges.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { boundsOf, type GridShape } from '../domain/timelineGrid.ts';
import { reachOf, type TimelinePart } from './timelineParts.ts';

interface Kept {
  readonly part: TimelinePart;
  readonly cameraId: string;
  readonly key: string;
  /** A change in here may change it. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bytes: number;
}

/** What a part takes beside its texts. */
const BYTES_MORE = 1_000;

export class KeptParts {
  readonly #maxBytes: number;
  /** In the order of their use, the longest unused first. */
  readonly #all = new Map<string, Kept>();
  readonly #ofCamera = new Map<string, Set<Kept>>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What the parts take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept of a camera's cells and was so by now; null when nothing is. */
  get(cameraId: CameraId, shape: GridShape, now: EpochMs): TimelinePart | null {
    const kept = this.#all.get(keyOf(cameraId, shape));
    if (kept === undefined || kept.part.settledMs > now) return null;
    this.#all.delete(kept.key);
    this.#all.set(kept.key, kept);
    return kept.part;
  }

  /** Keeps a part, unless it is not settled yet. */
  put(shape: GridShape, part: TimelinePart, now: EpochMs): void {
    if (part.settledMs > now) return;
    const { cameraId } = part.spans;
    const key = keyOf(cameraId, shape);
    const before = this.#all.get(key);
    if (before !== undefined) this.#drop(before);
    const reachMs = reachOf(shape);
    const { startMs, endMs } = boundsOf(shape);
    const fromMs = Math.floor(startMs / reachMs) * reachMs;
    const toMs = Math.ceil(endMs / reachMs) * reachMs;
    const kept = { ...{ part, cameraId, key, fromMs, toMs }, bytes: bytesOf(part) };
    this.#all.set(key, kept);
    this.#bytes += kept.bytes;
    const alike = this.#ofCamera.get(cameraId);
    if (alike === undefined) this.#ofCamera.set(cameraId, new Set([kept]));
    else alike.add(kept);
    for (const oldest of this.#all.values()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  /** Something of a camera is another from now on. */
  readonly forget: TimelineListener = (cameraId, startMs, endMs) => {
    for (const kept of this.#ofCamera.get(cameraId) ?? []) {
      if (startMs < kept.toMs && endMs > kept.fromMs) this.#drop(kept);
    }
  };

  #drop(kept: Kept): void {
    this.#all.delete(kept.key);
    this.#bytes -= kept.bytes;
    const alike = this.#ofCamera.get(kept.cameraId);
    alike?.delete(kept);
    if (alike?.size === 0) this.#ofCamera.delete(kept.cameraId);
  }
}

function keyOf(cameraId: string, { startMs, stepMs, count }: GridShape): string {
  return `${cameraId} ${startMs} ${stepMs} ${count}`;
}

/** Spans are there as text and as objects, which take three times as much. */
function bytesOf({ head, cells }: TimelinePart): number {
  const columns = Object.values(cells).reduce((sum, text) => sum + text.length, 0);
  return columns + 4 * head.length + BYTES_MORE;
}
