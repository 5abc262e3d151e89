/** Looking at sources and at this machine without a recorder: what the command `probe` does. */
import type { Source } from '../domain/camera.ts';
import type { Devices } from '../domain/devices.ts';
import { NvrError } from '../domain/errors.ts';
import type { StreamFormat } from '../domain/media.ts';
import { Captures } from '../media/captures.ts';
import { DeviceLister } from '../media/devices.ts';
import { REQUIRED_ELEMENTS } from '../media/elements.ts';
import { type EncoderReport, Encoders } from '../media/encoders.ts';
import { hasElement, startGst } from '../media/gst.ts';
import { foundFormat } from './foundFormat.ts';

export const probeLook = {
  /** Connects once. @throws NvrError `unavailable` saying why the source gives nothing */
  async source(source: Source): Promise<StreamFormat> {
    startGst(REQUIRED_ELEMENTS);
    return await withCaptures(async (captures) => {
      return foundFormat(await captures.probe(located(source)), { source: 'source', sound: 'audio-device' });
    });
  },

  async devices(): Promise<Devices> {
    return await withCaptures((captures) => new DeviceLister((device) => captures.offer(device)).list());
  },

  /** In the order in which they are tried, which happens. */
  async encoders(): Promise<readonly EncoderReport[]> {
    startGst(REQUIRED_ELEMENTS);
    return await new Encoders(null).report();
  },
};

async function withCaptures<T>(use: (captures: Captures) => Promise<T>): Promise<T> {
  const captures = new Captures();
  try {
    return await use(captures);
  } finally {
    captures.close();
  }
}

/** A camera on the board is reached by whichever element this machine has. @throws NvrError `unavailable` for none */
export function located(source: Source): Source {
  if (source.kind !== 'v4l2' || source.onBoard === undefined) return source;
  const onBoard = (['nvarguscamerasrc', 'libcamerasrc'] as const).find(hasElement);
  if (onBoard !== undefined) return { ...source, onBoard };
  const message =
    'GStreamer has neither nvarguscamerasrc nor libcamerasrc here: there is no on-board camera to reach.';
  throw new NvrError('unavailable', message, { field: 'csi' });
}
