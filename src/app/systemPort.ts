/** The recorder as a whole, as the API speaks of it: counts, troubles, metrics. */
import type { CameraWithStatus } from '../cameras/fleet.ts';
import { GAP_CAUSES } from '../domain/recording.ts';
import { isRecordingAsWanted } from '../domain/status.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { MetricFamily, SystemPort } from '../http/ports.ts';

export interface SystemParts {
  readonly version: string;
  readonly zone: Zone;
  readonly clock: Clock;
  cameras(): readonly CameraWithStatus[];
}

export function systemPort({ version, zone, clock, cameras }: SystemParts): SystemPort {
  const startedMs = clock.now();
  return {
    info: () => ({ version, zone, nowMs: clock.now(), startedMs, cameras: counts(cameras()) }),
    troubles: () => cameras().flatMap(trouble),
    metrics: () => metrics(cameras(), clock),
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
