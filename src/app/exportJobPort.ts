/** Exports that are made in the background, as the API speaks of them. */
import type { ExportJob } from '../archive/exportJobStore.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, DAY_MS, epochMs } from '../domain/time.ts';
import type { ExportJobPort } from '../http/finding.ts';
import type { ExportJobView } from '../http/wire/exportJob.ts';
import type { ExportJobs } from './exportJobs.ts';

export interface ExportJobDoor {
  readonly jobs: ExportJobs;
  /** Fingerprint of the key that signs manifests. */
  readonly key: string;
  readonly keepMs: number;
  /** Whether a camera is registered, or has footage. */
  readonly knows: (camera: CameraId) => boolean;
}

const LONGEST_MS = 400 * DAY_MS;
/** To encode takes about as long as to watch, and others wait behind it. */
const LONGEST_BURNT_MS = DAY_MS;

export function exportJobPort({ jobs, key, keepMs, knows }: ExportJobDoor, clock: Clock): ExportJobPort {
  const view = (job: ExportJob): ExportJobView => ({
    id: job.id,
    state: job.state,
    cameras: job.cameras,
    format: job.format,
    fromMs: job.fromMs,
    toMs: job.toMs,
    zip: job.zip,
    burnTime: job.burnTime,
    createdMs: job.createdMs,
    createdBy: job.createdBy,
    progress: jobs.share(job),
    expiresMs: job.finishedMs === null ? null : job.finishedMs + keepMs,
    name: job.name,
    bytes: job.bytes,
    sha256: job.sha256,
    error: job.error,
  });
  return {
    list: () => ({ exports: jobs.list().map(view), key }),
    get: (id) => view(jobs.get(id)),
    order({ cameras, fromMs, toMs, format, zip, burnTime }, user) {
      refuseRange(fromMs, toMs, clock.now());
      if (burnTime && toMs - fromMs > LONGEST_BURNT_MS) {
        throw new NvrError('invalid', 'An export that is encoded anew holds at most 24 hours.', {
          field: 'toMs',
        });
      }
      const unknown = cameras.find((camera) => !knows(camera));
      if (unknown !== undefined) {
        throw new NvrError('not-found', `There is no camera ${unknown}.`, { field: 'cameras' });
      }
      if (cameras.length > 1 && !zip) {
        throw new NvrError('invalid', 'Several cameras need a ZIP archive.', { field: 'zip' });
      }
      const spec = { cameras, fromMs: epochMs(fromMs), toMs: epochMs(toMs), format, zip, burnTime };
      return view(jobs.order(spec, user));
    },
    remove: (id) => jobs.remove(id),
    file: (id) => jobs.pathOf(jobs.get(id)),
  };
}

function refuseRange(fromMs: number, toMs: number, now: number): void {
  const wrong = (message: string, field: string) => new NvrError('invalid', message, { field });
  if (fromMs >= toMs) throw wrong('The start must be before the end.', 'toMs');
  if (fromMs >= now) throw wrong('The range is in the future.', 'fromMs');
  if (toMs > now) throw wrong('The end is in the future.', 'toMs');
  if (toMs - fromMs > LONGEST_MS) throw wrong('An export holds at most 400 days.', 'toMs');
}
