/** Looks at cameras, storage and clock, runs the alarms of `domain/alarms.ts`, and tells what they say. */
import type { CameraWithStatus } from '../cameras/fleet.ts';
import {
  type AlarmRules,
  type CameraSight,
  cameraConditions,
  clockConditions,
  type FolderSight,
  type ForecastSight,
  folderConditions,
  storageConditions,
} from '../domain/alarmConditions.ts';
import {
  type Alarm,
  type AlarmState,
  acknowledge,
  type Condition,
  NO_ALARMS,
  observeAlarms,
  raisedAlarms,
} from '../domain/alarms.ts';
import { NvrError } from '../domain/errors.ts';
import type { EventDraft } from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';
import { GAP_CAUSES } from '../domain/recording.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';

export interface AlarmDoors {
  readonly clock: Clock;
  readonly rules: AlarmRules;
  cameras(): readonly CameraWithStatus[];
  folders(): readonly FolderSight[];
  /** Costs more than the others: it is asked seldom. */
  forecast(): readonly ForecastSight[];
  publish(draft: EventDraft): unknown;
}

/** A forecast is looked at so often. */
const FORECAST_EVERY_MS = 60_000;

/** Up to where a camera was durable, and since when it is no further. */
interface Progress {
  readonly durableMs: EpochMs | null;
  readonly sinceMs: number;
}

export class AlarmWatch {
  readonly #doors: AlarmDoors;
  readonly #progress = new Map<CameraId, Progress>();
  #state: AlarmState = NO_ALARMS;
  #forecast: readonly ForecastSight[] = [];
  #forecastMs = Number.NEGATIVE_INFINITY;
  /** What wall time was ahead of the steady clock by at the last look. */
  #offsetMs: number | null = null;

  constructor(doors: AlarmDoors) {
    this.#doors = doors;
  }

  /** Those that are raised, the oldest first. */
  list(): readonly Alarm[] {
    return raisedAlarms(this.#state);
  }

  /** Notes who has seen it; the first stays. @throws NvrError `not-found` */
  acknowledge(id: string, by: string): Alarm {
    this.#state = acknowledge(this.#state, id, { by, atMs: this.#doors.clock.now() });
    const alarm = this.list().find((each) => each.id === id);
    if (alarm === undefined)
      throw new NvrError('not-found', `There is no alarm ${id}.`, { field: 'alarmId' });
    return alarm;
  }

  /** To be called every few seconds. */
  look(): void {
    const { clock, publish } = this.#doors;
    const now = { wallMs: clock.now(), steadyMs: clock.monotonic() };
    const [state, news] = observeAlarms(this.#state, this.#conditions(now.wallMs, now.steadyMs), now);
    this.#state = state;
    for (const { type, alarm } of news) {
      const { id, kind, cameraId, text } = alarm;
      publish({
        kind: type === 'raised' ? 'alarm-raised' : 'alarm-cleared',
        text: type === 'raised' ? text : `Over: ${text}`,
        data: { alarm: id, kind, sinceMs: alarm.sinceMs },
        ...(cameraId === undefined ? {} : { cameraId }),
      });
    }
  }

  #conditions(wallMs: EpochMs, steadyMs: number): readonly Condition[] {
    const { rules, cameras, folders, forecast } = this.#doors;
    const all = cameras();
    const names = new Map(all.map(({ camera }) => [camera.id, camera.name]));
    if (steadyMs - this.#forecastMs >= FORECAST_EVERY_MS) {
      this.#forecastMs = steadyMs;
      this.#forecast = forecast();
    }
    const newest = all.flatMap(({ status }) => status.lastDurableMs ?? []);
    const newestMs = newest.length === 0 ? null : newest.reduce((a, b) => epochMs(Math.max(a, b)));
    return [
      ...cameraConditions(
        all.map((camera) => this.#sight(camera, steadyMs)),
        rules,
      ),
      ...storageConditions(this.#forecast, rules, (id) => names.get(id) ?? id),
      ...folderConditions(folders()),
      ...clockConditions(wallMs, this.#step(wallMs, steadyMs), newestMs),
    ];
  }

  /** By how much the wall clock was set since the last look, in ms. */
  #step(wallMs: EpochMs, steadyMs: number): number {
    const offsetMs = wallMs - steadyMs;
    const before = this.#offsetMs ?? offsetMs;
    this.#offsetMs = offsetMs;
    return offsetMs - before;
  }

  #sight({ camera, status }: CameraWithStatus, steadyMs: number): CameraSight {
    const { recording, source, lastDurableMs } = status;
    const before = this.#progress.get(camera.id);
    const goesOn = before === undefined || before.durableMs !== lastDurableMs || !recording.wanted;
    const progress = goesOn ? { durableMs: lastDurableMs, sinceMs: steadyMs } : before;
    this.#progress.set(camera.id, progress);
    const why = source.message ?? (recording.cause === null ? null : GAP_CAUSES[recording.cause]);
    const idleMs = steadyMs - progress.sinceMs;
    return { id: camera.id, name: camera.name, wanted: recording.wanted, idleMs, why };
  }
}
