/** The archive for commands that only look at it, beside a recorder or without one. */
import { FragmentFile } from '../archive/fragmentFile.ts';
import { MovieFile } from '../archive/movieFile.ts';
import { Onlooker } from '../archive/onlooker.ts';
import { reusedBlocks } from '../archive/pieces.ts';
import { NvrError } from '../domain/errors.ts';
import type { GapRule } from '../domain/exportParts.ts';
import type { CameraId } from '../domain/ids.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { refuseRange } from './exportPort.ts';

interface LookRequest extends Interval {
  readonly cameraId: CameraId;
  readonly gaps: GapRule;
  readonly part: number | null;
  readonly format: 'mp4' | 'fmp4';
}

/**
 * Opens the index in a folder to read it.
 * @throws NvrError when there is none, or one of another version.
 */
export function look(stateDir: string) {
  const onlooker = Onlooker.open(stateDir);
  return {
    cameras: () => onlooker.cameras(),
    recordings: (camera: CameraId) => onlooker.recordings(camera),
    close: () => onlooker.close(),
    async open({ format, ...request }: LookRequest, now: EpochMs) {
      expectSeen(onlooker, request.cameraId);
      refuseRange(request, now);
      const { exporter } = onlooker;
      const plan = await exporter.plan(request);
      const { startMs, endMs } = plan.interval;
      const interval = { startMs: epochMs(Math.round(startMs)), endMs: epochMs(Math.round(endMs)) };
      if (format === 'mp4') {
        const file = new MovieFile(exporter, plan);
        return { ...interval, bytes: file.bytes, read: () => file.read(0, file.bytes, reusedBlocks()) };
      }
      const file = await FragmentFile.open(exporter, plan);
      return { ...interval, bytes: file.bytes, read: () => file.read() };
    },
  };
}

/** @throws NvrError `not-found` for a camera that there never was, or of which nothing is left. */
function expectSeen(onlooker: Onlooker, camera: CameraId): void {
  if (onlooker.cameras().some(({ id }) => id === camera)) return;
  throw new NvrError('not-found', `There is no camera ${camera}. See nightjar list.`, { field: 'camera' });
}
