/** The archive for commands that only look at it, beside a recorder or without one. */
import { FragmentFile } from '../archive/fragmentFile.ts';
import { MovieFile } from '../archive/movieFile.ts';
import { Onlooker } from '../archive/onlooker.ts';
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
      refuseRange(request, now);
      const { exporter } = onlooker;
      const plan = await exporter.plan(request);
      const file = format === 'mp4' ? new MovieFile(exporter, plan) : await FragmentFile.open(exporter, plan);
      return {
        bytes: file.bytes,
        startMs: epochMs(Math.round(plan.interval.startMs)),
        endMs: epochMs(Math.round(plan.interval.endMs)),
        read: () => file.read(),
      };
    },
  };
}
