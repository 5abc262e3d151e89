/** The routes that find footage and take it away, and what they need of the rest of the program. */
import type { CameraId } from '../domain/ids.ts';
import type { Interval } from '../domain/time.ts';
import { activityRoutes } from './activity.ts';
import { exportJobRoutes } from './exportJobs.ts';
import type { Awaitable } from './ports.ts';
import { timelineRoutes } from './timeline.ts';
import type { TimelineTexts } from './timelineText.ts';
import type { ActivityInput, ActivityView } from './wire/activity.ts';
import type { ExportJobView, ExportOrder } from './wire/exportJob.ts';
import type { CalendarView } from './wire/timeline.ts';

/** What there is of several cameras over time; null is every camera that is registered. */
export interface TimelinePort {
  timeline(
    cameras: readonly CameraId[] | null,
    interval: Interval,
    resolutionMs: number,
  ): Awaitable<TimelineTexts>;
  /** @param month `YYYY-MM`, in the configured zone */
  calendar(cameras: readonly CameraId[] | null, month: string): Awaitable<CalendarView>;
}

/** When activity of a camera is an event. Both throw NvrError `not-found` for a camera that is not registered. */
export interface ActivityPort {
  rule(camera: CameraId): Awaitable<ActivityView>;
  /** @throws NvrError `invalid` naming the field */
  setRule(camera: CameraId, input: ActivityInput): Awaitable<ActivityView>;
}

/** Exports that are made in the background. Every method throws NvrError `not-found` for an id that it does not know. */
export interface ExportJobPort {
  list(): Awaitable<{ readonly exports: readonly ExportJobView[]; readonly key: string }>;
  get(id: number): Awaitable<ExportJobView>;
  /**
   * @throws NvrError `invalid` naming the field, `not-found` for a camera that is unknown, `exhausted` when too many
   *   wait already
   */
  order(order: ExportRequest, user: string): Awaitable<ExportJobView>;
  remove(id: number): Awaitable<void>;
  /** Absolute path of the file. @throws NvrError `conflict` before it is made */
  file(id: number): Awaitable<string>;
}

/** What is ordered, nothing left out. */
export interface ExportRequest extends Required<Omit<ExportOrder, 'cameras'>> {
  readonly cameras: readonly CameraId[];
}

export interface FindingPorts {
  readonly timeline: TimelinePort;
  readonly activity: ActivityPort;
  readonly jobs: ExportJobPort;
}

export function findingRoutes({ timeline, activity, jobs }: FindingPorts) {
  return [timelineRoutes(timeline), activityRoutes(activity), exportJobRoutes(jobs)];
}
