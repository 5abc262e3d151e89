/** The media folders as numbers for Prometheus. */
import type { VolumeStatus } from '../archive/storageReport.ts';
import type { MetricFamily } from '../http/ports.ts';

/** Gauges of each folder; one whose space is not known has none of it. */
export function storageMetrics(volumes: readonly VolumeStatus[]): MetricFamily[] {
  const gauge = (name: string, help: string, of: (volume: VolumeStatus) => number | null): MetricFamily => ({
    name: `nightjar_media_folder_${name}`,
    help,
    type: 'gauge',
    samples: volumes.flatMap((volume) => {
      const value = of(volume);
      return value === null ? [] : [{ labels: { folder: volume.path }, value }];
    }),
  });
  return [
    gauge('usable', 'Whether footage can be written to it.', ({ health }) => Number(health.state === 'ok')),
    gauge('size_bytes', 'Size of its file system.', ({ space }) => space?.totalBytes ?? null),
    gauge('free_bytes', 'What is free of it.', ({ space }) => space?.freeBytes ?? null),
    gauge('reserve_bytes', 'What is kept free of it.', ({ reserveBytes }) => reserveBytes),
    gauge(
      'write_delay_seconds',
      'The longest that writing took in the last minute.',
      ({ health }) => health.writeDelayMs / 1000,
    ),
  ];
}
