/** Puts recorded media into another container, without decoding it. */
import { NvrError } from '../domain/errors.ts';
import { Pipeline } from './pipeline.ts';

export interface RemuxRequest {
  /** Absolute paths of the fragmented MP4 that is read and of the MPEG transport stream that is written. */
  readonly from: string;
  readonly to: string;
  /** RFC 6381, video first. */
  readonly codecs: string;
  readonly signal: AbortSignal;
}

const VIDEO_PARSERS: Readonly<Record<string, string>> = {
  avc1: 'h264parse config-interval=-1',
  avc3: 'h264parse config-interval=-1',
  hvc1: 'h265parse config-interval=-1',
  hev1: 'h265parse config-interval=-1',
};
/** Sound of other codecs is left out: transport streams have no common way to carry it. */
const AUDIO_PARSERS: Readonly<Record<string, string>> = { mp4a: 'aacparse', Opus: 'opusparse' };

/**
 * Writes an MPEG transport stream (ISO 13818-1) of an MP4 file. Parameter sets are repeated with every keyframe.
 * @throws NvrError `invalid` for a codec that it cannot carry, `unavailable` when GStreamer fails, `conflict` when aborted.
 */
export async function remuxToTs({ from, to, codecs, signal }: RemuxRequest): Promise<void> {
  let finish: (failure: NvrError | null) => void = () => undefined;
  const finished = new Promise<NvrError | null>((resolve) => {
    finish = resolve;
  });
  const pipeline = new Pipeline(launchText(codecs), (message) => {
    if (message.type === 'eos') finish(null);
    if (message.type === 'error')
      finish(new NvrError('unavailable', `It could not be remuxed: ${message.message}`));
  });
  const onAbort = () => finish(new NvrError('conflict', 'The export was cancelled.'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    pipeline.set('source', 'location', from);
    pipeline.set('sink', 'location', to);
    pipeline.play();
    const failure = await finished;
    if (failure !== null) throw failure;
  } finally {
    signal.removeEventListener('abort', onAbort);
    pipeline.close();
  }
}

function launchText(codecs: string): string {
  const [video = '', audio] = codecs.split(',').map((codec) => codec.trim().split('.')[0] ?? '');
  const videoParser = VIDEO_PARSERS[video];
  if (videoParser === undefined) {
    throw new NvrError('invalid', `A transport stream cannot carry ${video}.`, { field: 'format' });
  }
  const audioParser = audio === undefined ? undefined : AUDIO_PARSERS[audio];
  const sound = audioParser === undefined ? '' : `demux.audio_0 ! queue ! ${audioParser} ! mux.`;
  return `filesrc name=source ! qtdemux name=demux mpegtsmux name=mux ! filesink name=sink
    demux.video_0 ! queue ! ${videoParser} ! mux. ${sound}`;
}
