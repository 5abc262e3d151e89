/** Follows the schedule of one camera, cheaply enough to be asked every second: the next change is worked out once. */
import type { CameraId } from '../domain/ids.ts';
import { nextChange, wantedAt } from '../domain/schedule.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import type { ScheduleDoor } from './doors.ts';

/** What holds from one moment to another; without end it holds for ever. */
interface Known {
  readonly fromMs: EpochMs;
  readonly untilMs: EpochMs | null;
  readonly wanted: boolean;
}

/** Longer than a fragment lasts and travels. */
const LINGER_MS = 1_500;

export class ScheduleWatch {
  readonly #door: ScheduleDoor;
  readonly #cameraId: CameraId;
  #known: Known | null = null;

  constructor(door: ScheduleDoor, cameraId: CameraId) {
    this.#door = door;
    this.#cameraId = cameraId;
  }

  /** The schedule is another. */
  forget(): void {
    this.#known = null;
  }

  /**
   * Whether the camera should be recording; without a schedule it always should, for nothing says when not. The end of
   * a range is put off a little, so that what was filmed up to it has arrived.
   */
  wantedAt(ms: EpochMs): boolean {
    return this.#holdsAt(ms) || this.#holdsAt(epochMs(Math.max(0, ms - LINGER_MS)));
  }

  #holdsAt(ms: EpochMs): boolean {
    const known = this.#known;
    // A clock that was set back has left what is known.
    const holds = known !== null && ms >= known.fromMs && (known.untilMs === null || ms < known.untilMs);
    this.#known = holds ? known : this.#lookUp(ms);
    return this.#known.wanted;
  }

  #lookUp(fromMs: EpochMs): Known {
    const { zone } = this.#door;
    const schedule = this.#door.of(this.#cameraId);
    if (schedule === null) return { fromMs, untilMs: null, wanted: true };
    const untilMs = nextChange(schedule, fromMs, zone);
    return { fromMs, untilMs, wanted: wantedAt(schedule, fromMs, zone) };
  }
}
