/** Whether somebody looks at a stream, with a pause for thought before it is taken for unwatched. */
import type { CameraId } from '../domain/ids.ts';
import type { Surroundings } from './doors.ts';

/** Who changes the view, or reloads a page, finds the stream still connected. */
const LINGER_MS = 30_000;

export class Demand {
  readonly #around: Surroundings;
  readonly #stream: CameraId;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param stream a camera's id, or the key of its second stream */
  constructor(around: Surroundings, stream: CameraId) {
    this.#around = around;
    this.#stream = stream;
  }

  /** To be asked about once a second. */
  get watched(): boolean {
    const now = this.#around.clock.monotonic();
    if (this.#around.watched?.(this.#stream)) this.#lastMs = now;
    return now - this.#lastMs < LINGER_MS;
  }
}
