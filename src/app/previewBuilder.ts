/**
 * Makes the finest sheets of thumbnails in advance, as footage comes: one after the other, within a share of one
 * processor, and not at all while the machine has other things to do.
 */
import type { PreviewStore } from '../archive/previewStore.ts';
import { messageOf } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { PREVIEW_STEPS_MS, SHEET_TILES } from '../domain/previews.ts';
import { type Clock, epochMs } from '../domain/time.ts';
import type { PlannedSheet, Previews } from './previews.ts';

export interface PreviewBuilderDoors {
  readonly previews: Previews;
  readonly store: PreviewStore;
  readonly cameras: () => readonly CameraId[];
  readonly clock: Clock;
  /** Processor time that decoding has cost so far, in seconds. */
  readonly cpuSeconds: () => number;
  /** How many processors are wanted by the whole machine, as a share of those there are. */
  readonly load: () => number;
  readonly log: { warn(facts: object, message: string): void };
  readonly limits: PreviewLimits;
}

export interface PreviewLimits {
  /** Of one processor, in the long run; 0 makes nothing in advance. */
  readonly cpuShare: number;
  /** Of all sheets together. */
  readonly maxBytes: number;
}

const [STEP_MS] = PREVIEW_STEPS_MS;
const SHEET_MS = STEP_MS * SHEET_TILES;
/** Segments close, and late frames come, until so long after a sheet's end. */
const SETTLED_MS = 10_000;
/** What was missed, while the recorder was off for instance, is made when it is asked for. */
const BACK_MS = 6 * SHEET_MS;
const REST_MS = 20_000;
const BUSY_LOAD = 1.5;

export class PreviewBuilder {
  readonly #doors: PreviewBuilderDoors;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Where the last sheet of each camera begins that is made, or has nothing to show, or failed. */
  readonly #done = new Map<CameraId, number>();

  constructor(doors: PreviewBuilderDoors) {
    this.#doors = doors;
  }

  start(): void {
    this.#doors.store.settle();
    this.#later(REST_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Makes at most one sheet. Gives after how many ms the next may be made. */
  async turn(): Promise<number> {
    const { store, limits, clock, cpuSeconds, load } = this.#doors;
    const more = await store.sweep(limits.maxBytes);
    if (more) return 0;
    if (limits.cpuShare <= 0 || load() > BUSY_LOAD) return REST_MS;
    const next = this.#next();
    if (next === null) return REST_MS;
    const [beganMs, spent] = [clock.monotonic(), cpuSeconds()];
    await this.#make(next);
    const cost = (cpuSeconds() - spent) * 1000;
    return Math.max(0, cost / limits.cpuShare - (clock.monotonic() - beganMs));
  }

  async #make({ camera, sheet }: { camera: CameraId; sheet: PlannedSheet }): Promise<void> {
    try {
      await this.#doors.previews.sheet(camera, sheet, 'background');
    } catch (error) {
      this.#doors.log.warn({ camera, why: messageOf(error) }, 'a sheet of thumbnails could not be made');
    }
  }

  /** The oldest sheet of a camera that is not made yet. Each is looked at once. */
  #next(): { readonly camera: CameraId; readonly sheet: PlannedSheet } | null {
    const { previews, cameras, clock } = this.#doors;
    const settled = clock.now() - SETTLED_MS;
    const last = Math.floor(settled / SHEET_MS) * SHEET_MS - SHEET_MS;
    for (const camera of cameras()) {
      const first = Math.max(0, last - BACK_MS, (this.#done.get(camera) ?? 0) + SHEET_MS);
      for (let startMs = first; startMs <= last; startMs += SHEET_MS) {
        this.#done.set(camera, startMs);
        const sheet = previews.plan(camera, epochMs(startMs), STEP_MS);
        if (sheet !== null && !previews.has(camera, sheet)) return { camera, sheet };
      }
    }
    return null;
  }

  #later(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#run(), ms).unref();
  }

  async #run(): Promise<void> {
    try {
      this.#later(await this.turn());
    } catch (error) {
      this.#doors.log.warn({ err: error }, 'thumbnails could not be made');
      this.#later(REST_MS);
    }
  }
}
