/** The routes that find footage and take it away, and what they need of the rest of the program. */
import type { CameraId } from '../domain/ids.ts';
import type { Interval } from '../domain/time.ts';
import { activityRoutes } from './activity.ts';
import type { Awaitable } from './ports.ts';
import { timelineRoutes } from './timeline.ts';
import type { ActivityInput, ActivityView } from './wire/activity.ts';
import type { CalendarView, TimelineView } from './wire/timeline.ts';

/** What there is of several cameras over time; null is every camera that is registered. */
export interface TimelinePort {
  timeline(
    cameras: readonly CameraId[] | null,
    interval: Interval,
    resolutionMs: number,
  ): Awaitable<TimelineView>;
  /** @param month `YYYY-MM`, in the configured zone */
  calendar(cameras: readonly CameraId[] | null, month: string): Awaitable<CalendarView>;
}

/** When activity of a camera is an event. Both throw NvrError `not-found` for a camera that is not registered. */
export interface ActivityPort {
  rule(camera: CameraId): Awaitable<ActivityView>;
  /** @throws NvrError `invalid` naming the field */
  setRule(camera: CameraId, input: ActivityInput): Awaitable<ActivityView>;
}

export interface FindingPorts {
  readonly timeline: TimelinePort;
  readonly activity: ActivityPort;
}

export function findingRoutes({ timeline, activity }: FindingPorts) {
  return [timelineRoutes(timeline), activityRoutes(activity)];
}
