/** Footage to take away, as the API speaks of it, over the archive's exporter. */
import type { CameraStore } from '../archive/cameraStore.ts';
import type { Exporter } from '../archive/exporter.ts';
import { FragmentFile } from '../archive/fragmentFile.ts';
import { MovieFile } from '../archive/movieFile.ts';
import { NvrError } from '../domain/errors.ts';
import { exportName } from '../domain/exportName.ts';
import { LONGEST_FILE_MS } from '../domain/exportParts.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { ExportPort } from '../http/ports.ts';

export interface ExportDoor {
  readonly exporter: Exporter;
  readonly cameras: Pick<CameraStore, 'list' | 'expectKnown'>;
}

export function exportPort({ exporter, cameras }: ExportDoor, clock: Clock, zone: Zone): ExportPort {
  return {
    async parts(camera, interval, gaps) {
      cameras.expectKnown(camera);
      refuseFuture(interval, clock.now());
      const parts = await exporter.parts(camera, interval, gaps);
      return parts.map(({ part, startMs, endMs, recordedMs }) => ({ part, startMs, endMs, recordedMs }));
    },
    async open(cameraId, interval, { format, gaps, part }) {
      cameras.expectKnown(cameraId);
      refuseRange(interval, clock.now());
      const plan = await exporter.plan({ cameraId, ...interval, gaps, part });
      const file = format === 'mp4' ? new MovieFile(exporter, plan) : await FragmentFile.open(exporter, plan);
      const delivered = {
        startMs: epochMs(Math.round(plan.interval.startMs)),
        endMs: epochMs(Math.round(plan.interval.endMs)),
      };
      const name = exportName(nameOf(cameras, cameraId), delivered, zone);
      return { bytes: file.bytes, tag: file.tag, name, read: (from, to) => file.read(from, to) };
    },
  };
}

function refuseFuture({ startMs, endMs }: Interval, now: EpochMs): void {
  if (startMs >= now) throw new NvrError('invalid', 'The range is in the future.', { field: 'start' });
  if (endMs > now) throw new NvrError('invalid', 'The end is in the future.', { field: 'end' });
}

/** @throws NvrError `invalid` for a range that cannot be one file: in the future, or too long. */
export function refuseRange(interval: Interval, now: EpochMs): void {
  refuseFuture(interval, now);
  if (interval.endMs - interval.startMs <= LONGEST_FILE_MS) return;
  throw new NvrError('invalid', 'One file holds at most eight days.', { field: 'end' });
}

/** A camera that was removed is named by its id. */
export function nameOf(cameras: Pick<CameraStore, 'list'>, id: CameraId): string {
  return cameras.list().find((camera) => camera.id === id)?.name ?? id;
}
