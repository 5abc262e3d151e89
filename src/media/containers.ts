/** From MP4 into another container, without decoding anything: the pipeline that both whole files and runs go through. */
import { NvrError } from '../domain/errors.ts';

export type Container = 'ts' | 'mkv';

const MUXERS: Readonly<Record<Container, string>> = { ts: 'mpegtsmux', mkv: 'matroskamux' };
/** Parameter sets are repeated with every keyframe. */
const VIDEO_PARSERS: Readonly<Record<string, string>> = {
  avc1: 'h264parse config-interval=-1',
  avc3: 'h264parse config-interval=-1',
  hvc1: 'h265parse config-interval=-1',
  hev1: 'h265parse config-interval=-1',
};
/** Sound of other codecs is left out: transport streams have no common way to carry it. */
const AUDIO_PARSERS: Readonly<Record<string, string>> = { mp4a: 'aacparse', opus: 'opusparse' };

/**
 * Launch text that reads an MP4 from the `filesrc` named `source` and writes into the `filesink` named `sink`.
 * @param codecs RFC 6381, video first
 * @throws NvrError `invalid` with the field `format` for a picture that does not fit
 */
export function remuxText(container: Container, codecs: string): string {
  const [video = '', audio = ''] = codecs.split(',').map((codec) => codec.trim().split('.')[0] ?? '');
  const picture = VIDEO_PARSERS[video];
  if (picture === undefined) {
    throw new NvrError('invalid', `${video} fits into no .${container} file.`, { field: 'format' });
  }
  const sound = AUDIO_PARSERS[audio.toLowerCase()];
  return [
    `filesrc name=source ! qtdemux name=demux ${MUXERS[container]} name=mux ! filesink name=sink`,
    `demux.video_0 ! queue ! ${picture} ! mux.`,
    ...(sound === undefined ? [] : [`demux.audio_0 ! queue ! ${sound} ! mux.`]),
  ].join(' ');
}
