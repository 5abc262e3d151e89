/** The recorder as a whole, as the API speaks of it: counts, troubles, metrics. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { CameraWithStatus } from '../cameras/fleet.ts';
import { type Grant, mayUse } from '../domain/access.ts';
import { GAP_CAUSES } from '../domain/recording.ts';
import type { SpaceAlarm } from '../domain/retention.ts';
import { isRecordingAsWanted } from '../domain/status.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { MetricFamily, SystemPort } from '../http/ports.ts';

export interface SystemParts {
  readonly version: string;
  readonly zone: Zone;
  readonly clock: Clock;
  cameras(): readonly CameraWithStatus[];
  /** What the storage can't do. */
  alarms(): readonly SpaceAlarm[];
  /** Of the media folders. */
  storageMetrics(): readonly MetricFamily[];
}

/** How often the event loop's delay is looked at: often enough for what a person would notice, and all but free. */
const LOOP_RESOLUTION_MS = 20;

export function systemPort(parts: SystemParts): SystemPort {
  const { version, zone, clock, cameras, alarms, storageMetrics } = parts;
  const startedMs = clock.now();
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const among = (granted: Grant) => cameras().filter(({ camera }) => mayUse(granted, camera.id));
  return {
    info: (granted) => ({ version, zone, nowMs: clock.now(), startedMs, cameras: counts(among(granted)) }),
    troubles: (granted) => [...among(granted).flatMap(trouble), ...alarms().map(spaceTrouble)],
    metrics: () => [...metrics(cameras(), clock), ...storageMetrics(), loopDelay(loop)],
  };
}

function counts(cameras: readonly CameraWithStatus[]) {
  const wanted = cameras.filter(({ status }) => status.recording.wanted);
  const recording = wanted.filter(({ status }) => isRecordingAsWanted(status));
  return { total: cameras.length, recording: recording.length, wanted: wanted.length };
}

function trouble({ camera, status }: CameraWithStatus): string[] {
  if (isRecordingAsWanted(status)) return [];
  const { cause } = status.recording;
  const why = status.source.message ?? (cause === null ? '' : GAP_CAUSES[cause]);
  return [`${camera.name} is not recorded although it should be. ${why}`.trim()];
}

function spaceTrouble({ left }: SpaceAlarm): string {
  return left === 'guaranteed'
    ? 'The storage is full, and all the footage on it is guaranteed.'
    : 'The storage is full, and all that is on it is protected, just being written, or of other programs.';
}

/** Counts from one reading to the next, so that a bad minute is not averaged away by a good month. */
function loopDelay(loop: IntervalHistogram): MetricFamily {
  // The histogram holds the time between two looks, of which the resolution is no delay.
  const seconds = Math.max(0, loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS) / 1000;
  loop.reset();
  return {
    name: 'nightjar_event_loop_delay_p99_seconds',
    help: 'How late the process gets to its work: 99th percentile since this was last read.',
    type: 'gauge',
    samples: [{ value: seconds }],
  };
}

function metrics(cameras: readonly CameraWithStatus[], clock: Clock): MetricFamily[] {
  const now = clock.now();
  const gauge = (
    name: string,
    help: string,
    of: (camera: CameraWithStatus) => number | null,
  ): MetricFamily => ({
    name,
    help,
    type: 'gauge',
    samples: cameras.flatMap((camera) => {
      const value = of(camera);
      return value === null ? [] : [{ labels: { camera: camera.camera.id }, value }];
    }),
  });
  const age = (ms: number | null): number | null => (ms === null ? null : Math.max(0, now - ms) / 1000);
  return [
    gauge('nightjar_camera_live', 'Whether media arrives.', ({ status }) =>
      Number(status.source.state === 'live'),
    ),
    gauge('nightjar_camera_recording_wanted', 'Whether it should be recorded.', ({ status }) =>
      Number(status.recording.wanted),
    ),
    gauge('nightjar_camera_recording', 'Whether it is recorded.', ({ status }) =>
      Number(status.recording.state === 'recording'),
    ),
    gauge(
      'nightjar_camera_durable_age_seconds',
      'Age of the newest footage that is on the disk for sure.',
      (camera) => age(camera.status.lastDurableMs),
    ),
  ];
}
