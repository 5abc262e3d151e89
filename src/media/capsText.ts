/** Reads what Nightjar needs out of GStreamer caps as text: `video/x-h264, width=(int)640, …`. Pure. */
import type { AudioFormat, VideoFormat } from '../domain/media.ts';

/** Fields of the first structure of caps, without their types; quotes are taken off. */
export function capsFields(caps: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const match of caps.matchAll(/([\w-]+)=(?:\([^)]*\))?("(?:[^"\\]|\\.)*"|[^,;]*)/g)) {
    const [, name = '', value = ''] = match;
    if (!fields.has(name)) fields.set(name, value.replace(/^"|"$/g, ''));
  }
  return fields;
}

/**
 * The video format of a parser's output; null when it is no picture, or has no size yet. What is neither H.264 nor
 * H.265 will be encoded from its media type.
 */
export function videoFormat(caps: string): VideoFormat | null {
  const [type = '', codec] = /^(?:video\/x-(h264|h265)\b|video\/[\w.-]+|image\/jpeg)/.exec(caps) ?? [];
  const fields = capsFields(caps);
  const width = Number(fields.get('width'));
  const height = Number(fields.get('height'));
  if (type === '' || !(width > 0) || !(height > 0)) return null;
  const [frames, seconds] = (fields.get('framerate') ?? '0/1').split('/').map(Number);
  const fps = frames && seconds ? Math.round((frames / seconds) * 1000) / 1000 : 0;
  if (codec === 'h264' || codec === 'h265') return { codec, width, height, fps };
  return { codec: 'h264', width, height, fps, encodedFrom: type };
}

/** The audio format of a parser's output; null when it is no sound. */
export function audioFormat(caps: string): AudioFormat | null {
  const [encoding] = /^audio\/[\w.-]+/.exec(caps) ?? [];
  if (encoding === undefined) return null;
  const fields = capsFields(caps);
  return {
    codec: parsedAudioCodec(encoding, fields),
    encoding,
    sampleRate: Number(fields.get('rate') ?? 0),
    channels: Number(fields.get('channels') ?? 1) || 1,
  };
}

const PARSED_AUDIO: Readonly<Record<string, AudioFormat['codec']>> = {
  'audio/x-opus': 'opus',
  'audio/x-ac3': 'ac3',
  'audio/x-alaw': 'pcma',
  'audio/x-mulaw': 'pcmu',
  'audio/x-raw': 'l16',
};

/** ISO 11172-3 has three layers, of which MP4 files carry the third. */
function parsedAudioCodec(encoding: string, fields: ReadonlyMap<string, string>): AudioFormat['codec'] {
  if (encoding !== 'audio/mpeg') return PARSED_AUDIO[encoding] ?? 'other';
  if (fields.get('mpegversion') !== '1') return 'aac';
  return fields.get('layer') === '3' ? 'mp3' : 'other';
}

const AUDIO_CODECS: Readonly<Record<string, AudioFormat['codec']>> = {
  'MPEG4-GENERIC': 'aac',
  'MP4A-LATM': 'aac',
  OPUS: 'opus',
  MPA: 'mp3',
  AC3: 'ac3',
  PCMA: 'pcma',
  PCMU: 'pcmu',
  G722: 'g722',
  L16: 'l16',
};

/** The audio format of RTP caps; null when they are not of sound. */
export function rtpAudioFormat(caps: string): AudioFormat | null {
  const fields = capsFields(caps);
  if (!caps.startsWith('application/x-rtp') || fields.get('media') !== 'audio') return null;
  const encoding = rtpEncoding(fields);
  return {
    codec: AUDIO_CODECS[encoding] ?? (encoding.startsWith('G726') ? 'g726' : 'other'),
    encoding,
    sampleRate: Number(fields.get('clock-rate') ?? 0),
    channels: Number(fields.get('encoding-params') ?? 1) || 1,
  };
}

/** Encoding name of RTP video caps, e.g. `JPEG`; null when they are not of video. */
export function rtpVideoEncoding(caps: string): string | null {
  const fields = capsFields(caps);
  if (!caps.startsWith('application/x-rtp') || fields.get('media') !== 'video') return null;
  return rtpEncoding(fields);
}

/** Payload types that mean the same in every session (RFC 3551 §6): cameras need not name their encoding. */
const STATIC_ENCODINGS: Readonly<Record<string, string>> = {
  0: 'PCMU',
  8: 'PCMA',
  9: 'G722',
  10: 'L16',
  11: 'L16',
  14: 'MPA',
  26: 'JPEG',
  32: 'MPV',
  33: 'MP2T',
  34: 'H263',
};

function rtpEncoding(fields: ReadonlyMap<string, string>): string {
  const name = fields.get('encoding-name') ?? STATIC_ENCODINGS[fields.get('payload') ?? ''] ?? '';
  return name.toUpperCase();
}

/**
 * Identifies the sequence parameter sets in the codec data of caps: what a decoder must be set up anew for. Picture
 * parameter sets are left out: some cameras add them in mid-stream without changing anything.
 * @returns hex text; empty when the caps carry no codec data
 */
export function parameterSets(caps: string): string {
  const data = Buffer.from(capsFields(caps).get('codec_data') ?? '', 'hex');
  return caps.startsWith('video/x-h265') ? hevcParameterSets(data) : avcParameterSets(data);
}

/** ISO 14496-15 §5.3.3.1: avcC. */
function avcParameterSets(data: Buffer): string {
  if (data.length < 8) return '';
  return data.subarray(6, 8 + data.readUInt16BE(6)).toString('hex');
}

/** ISO 14496-15 §8.3.3.1: hvcC; the arrays of VPS (32) and SPS (33). */
function hevcParameterSets(data: Buffer): string {
  const sets: string[] = [];
  let at = 23;
  for (let arrays = data[22] ?? 0; arrays > 0 && at + 3 <= data.length; arrays--) {
    const type = (data[at] ?? 0) & 0x3f;
    let units = data.readUInt16BE(at + 1);
    at += 3;
    for (; units > 0 && at + 2 <= data.length; units--) {
      const end = at + 2 + data.readUInt16BE(at);
      if (type === 32 || type === 33) sets.push(data.subarray(at + 2, end).toString('hex'));
      at = end;
    }
  }
  return sets.join(' ');
}
