/** One picture of a source that is no camera yet, for who tests an address: connected, looked at, let go. */
import { randomUUID } from 'node:crypto';
import type { MediaDoor, RunHandle } from '../cameras/doors.ts';
import type { Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { cameraId, runId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { Taps } from '../media/tap.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';

export interface SourcePictureDoors {
  readonly media: MediaDoor;
  readonly taps: Pick<Taps, 'drop'>;
  /** Decodes the keyframe that a fragment begins with. */
  decode(init: InitSegment, fragment: Fragment): Promise<Buffer>;
}

/** From the connection on. A keyframe may be far apart from the next. */
const LIMIT_MS = 8_000;

/** @throws NvrError `unavailable` with the field `source` when no picture comes of it */
export async function sourcePicture(source: Source, doors: SourcePictureDoors): Promise<Buffer> {
  const found = await doors.media.probe(source, null);
  if (!found.ok) throw failed(found.message);
  const { init, fragment } = await firstKey(source, found.format, doors);
  return await doors.decode(init, fragment);
}

interface Key {
  readonly init: InitSegment;
  readonly fragment: Fragment;
}

async function firstKey(
  source: Source,
  format: StreamFormat,
  { media, taps }: SourcePictureDoors,
): Promise<Key> {
  const id = cameraId(`look-${randomUUID().slice(0, 8)}`);
  let run: Promise<RunHandle> | null = null;
  let limit: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Key>((resolve, reject) => {
      limit = setTimeout(() => reject(failed('No picture came in time.')), LIMIT_MS);
      let init: InitSegment | null = null;
      const request = { runId: runId(randomUUID()), cameraId: id, stream: 'main', encode: null } as const;
      run = media.openRun(
        // Nobody listens.
        { ...request, source, format: { ...format, audio: null } },
        {
          onBegin: (begun) => {
            init = begun;
          },
          onFragment: (fragment) => {
            if (init !== null && fragment.key) resolve({ init, fragment });
          },
          onEnd: (failure) => reject(failed(failure?.message ?? 'The camera ended the stream.')),
        },
      );
      run.catch(reject);
    });
  } finally {
    clearTimeout(limit);
    await end(run);
    taps.drop(id);
  }
}

/** What could not be opened needs no end. */
async function end(run: Promise<RunHandle> | null): Promise<void> {
  const handle = await run?.catch(() => null);
  await handle?.end();
}

function failed(message: string): NvrError {
  return new NvrError('unavailable', message, { field: 'source' });
}
