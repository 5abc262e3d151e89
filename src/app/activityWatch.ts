/**
 * Watches how much moves in the picture of every camera: takes the fragments as they arrive, remembers the last hours
 * second by second for the timeline, and makes events of what is strong enough.
 */
import type { ActivityStore } from '../archive/activityStore.ts';
import { ActivityMeter, type SecondActivity } from '../domain/activity.ts';
import {
  matters,
  nextSecond,
  QUIET,
  stopped,
  type TriggerEffect,
  type TriggerState,
} from '../domain/activityTrigger.ts';
import { messageOf } from '../domain/errors.ts';
import type { NvrEvent } from '../domain/event.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import { ticksToMs } from '../domain/ticks.ts';
import { epochMs, type Interval } from '../domain/time.ts';
import { known, stored } from '../domain/timelineCells.ts';
import type { Zone } from '../domain/zone.ts';
import type { RunFragment } from '../mp4/types.ts';
import type { EventBus } from './eventBus.ts';

/** What makes events of activity. */
export interface ActivityDoors {
  readonly rules: Pick<ActivityStore, 'get'>;
  readonly bus: Pick<EventBus, 'publish' | 'replace'>;
  readonly log: { error(fields: object, message: string): void };
  readonly zone: Zone;
}

/** Seconds that are remembered: a segment whose disk fails may be closed hours later. */
const REMEMBERED = 4 * 3_600;

/** One camera. */
interface Watched {
  readonly meter: ActivityMeter;
  /** At a second modulo its length, `stored` activities, and of which second they are. */
  readonly levels: Buffer;
  readonly seconds: Uint32Array;
  runId: RunId | null;
  init: Buffer | null;
  trigger: TriggerState;
  event: NvrEvent | null;
}

export class ActivityWatch {
  readonly #cameras = new Map<CameraId, Watched>();
  #doors: ActivityDoors | null = null;

  /** From now on, what is strong enough becomes an event. */
  tell(doors: ActivityDoors): void {
    this.#doors = doors;
  }

  /** Takes the camera's next fragment. Never throws. */
  observe(cameraId: CameraId, { runId, init, fragment, startMs }: RunFragment): void {
    const camera = this.#watched(cameraId);
    if (camera.runId !== runId) {
      if (camera.init !== null && !camera.init.equals(init.bytes)) camera.meter.reset();
      camera.runId = runId;
      camera.init = init.bytes;
    }
    const { key, frameBytes, frameDelays, durationTicks } = fragment;
    const done = camera.meter.add({
      ...{ startMs, endMs: startMs + ticksToMs(durationTicks), key },
      ...{ bytes: frameBytes, delays: frameDelays, duration: durationTicks },
    });
    for (const second of done) this.#note(cameraId, camera, second);
  }

  /** One byte for each UTC second of an interval; none when nothing moved, null when nothing is known. */
  seconds(cameraId: CameraId, { startMs, endMs }: Interval): Buffer | null {
    const camera = this.#cameras.get(cameraId);
    if (camera === undefined) return null;
    const first = Math.floor(startMs / 1000);
    const count = Math.ceil(endMs / 1000) - first;
    if (count > REMEMBERED) return null;
    const found = Buffer.alloc(count);
    for (let index = 0; index < count; index++) {
      const at = (first + index) % REMEMBERED;
      if (camera.seconds[at] === first + index) found[index] = camera.levels[at] ?? 0;
    }
    if (found.every((byte) => byte === 0)) return null;
    return found.every((byte) => known(byte) === 0) ? Buffer.alloc(0) : found;
  }

  /** How much moves now; null when that is unknown. */
  now(cameraId: CameraId): number | null {
    const camera = this.#cameras.get(cameraId);
    const newest = camera?.seconds.reduce((most, second) => Math.max(most, second), 0) ?? 0;
    return known(camera?.levels[newest % REMEMBERED] ?? 0);
  }

  /** The camera is gone. */
  drop(cameraId: CameraId): void {
    const camera = this.#cameras.get(cameraId);
    if (camera !== undefined) this.#step(cameraId, camera, stopped(camera.trigger));
    this.#cameras.delete(cameraId);
  }

  /** Ends the events that last. */
  close(): void {
    for (const cameraId of [...this.#cameras.keys()]) this.drop(cameraId);
  }

  #watched(cameraId: CameraId): Watched {
    const known = this.#cameras.get(cameraId);
    if (known !== undefined) return known;
    const camera: Watched = {
      meter: new ActivityMeter(),
      levels: Buffer.alloc(REMEMBERED),
      seconds: new Uint32Array(REMEMBERED),
      ...{ runId: null, init: null, trigger: QUIET, event: null },
    };
    this.#cameras.set(cameraId, camera);
    return camera;
  }

  #note(cameraId: CameraId, camera: Watched, done: SecondActivity): void {
    const at = done.second % REMEMBERED;
    camera.levels[at] = stored(done.activity);
    camera.seconds[at] = done.second;
    if (this.#doors === null) return;
    const { rules, zone } = this.#doors;
    try {
      const rule = rules.get(cameraId);
      if (!rule.enabled && camera.trigger.name === 'quiet') return;
      const counts = matters(rule, done.second, zone);
      this.#step(cameraId, camera, nextSecond(camera.trigger, done, rule, counts));
    } catch (thrown) {
      this.#doors.log.error({ camera: cameraId, reason: messageOf(thrown) }, 'activity could not be judged');
    }
  }

  #step(
    cameraId: CameraId,
    camera: Watched,
    [state, effect]: readonly [TriggerState, TriggerEffect | null],
  ): void {
    camera.trigger = state;
    if (effect === null || this.#doors === null) return;
    const { bus, log } = this.#doors;
    const atMs = epochMs(effect.since * 1000);
    if (effect.type === 'begin') {
      const draft = { kind: 'activity', cameraId, atMs, text: 'Something moved.', data: {} } as const;
      camera.event = bus.publish(draft);
      return;
    }
    const { event } = camera;
    camera.event = null;
    if (event === null) return;
    try {
      bus.replace({ ...event, endMs: epochMs(effect.until * 1000), data: { peak: effect.peak } });
    } catch (thrown) {
      log.error({ camera: cameraId, reason: messageOf(thrown) }, 'the end of an event could not be written');
    }
  }
}
