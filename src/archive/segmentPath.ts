/** Where segment files lie in a volume. Built from a parsed camera id and a time only, never from other text. */
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

/**
 * Path relative to the volume: `<camera>/2026/03/29/<camera>_2026-03-29T00-59-58.120Z.mp4`, in UTC, so that names
 * sort by time and are understood without the recorder.
 * @param attempt 1, or more when the clock was set back and the name is taken: `…Z-2.mp4`
 */
export function segmentPath(cameraId: CameraId, startMs: EpochMs, attempt: number): string {
  const time = new Date(startMs).toISOString();
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  const name = `${cameraId}_${time.replaceAll(':', '-')}${suffix}.mp4`;
  return `${cameraId}/${time.slice(0, 4)}/${time.slice(5, 7)}/${time.slice(8, 10)}/${name}`;
}
