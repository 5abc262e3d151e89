/**
 * What WebRTC viewers offer and what they are answered, as far as Nightjar reads and changes session descriptions
 * (RFC 8866, RFC 8829). Pure text; everything else of them is between the viewer and `webrtcbin`.
 */
import { NvrError } from './errors.ts';

/** A payload type that the viewer gave to a codec. */
export interface OfferedCodec {
  readonly payload: number;
}

export interface OfferedH264 extends OfferedCodec {
  /** RFC 6184 §8.1, six hex digits. */
  readonly profileLevelId: string;
}

/** What a viewer can take. */
export interface Offer {
  readonly text: string;
  readonly video: OfferedH264;
  /** Opus; null when it wants no sound, or no Opus. */
  readonly audio: OfferedCodec | null;
}

/** Longest description that is read, in characters; a browser's offer has some 6,000. */
export const LONGEST_SDP = 65_536;
const MOST_SECTIONS = 16;

interface MediaSection {
  readonly kind: string;
  readonly payloads: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Reads an offer and chooses the payload types: H.264 in the camera's own profile where it is offered, because that
 * is what will be sent, else the first.
 * @param profile first two hex digits of the camera's `avc1.PPCCLL`
 * @throws NvrError `invalid` with the field `offer` when it is no offer that can be answered.
 */
export function readOffer(text: string, profile: string): Offer {
  if (!/^v=0\r?\n/.test(text) || text.length > LONGEST_SDP)
    throw refused('The body must be a session description (SDP).');
  const sections = sectionsOf(text);
  if (sections.length > MOST_SECTIONS) throw refused(`More than ${MOST_SECTIONS} media sections.`);
  for (const line of ['a=ice-ufrag:', 'a=ice-pwd:', 'a=fingerprint:']) {
    if (!text.includes(line)) throw refused(`The offer lacks ${line.slice(2, -1)}.`);
  }
  const h264 = sections.flatMap((section) => (section.kind === 'video' ? offeredH264(section) : []));
  const video = h264.find((each) => each.profileLevelId.startsWith(profile.toLowerCase())) ?? h264[0];
  if (video === undefined) throw refused('The offer has no H.264 video with packetization-mode=1.');
  const audio = sections.flatMap((section) => (section.kind === 'audio' ? offeredOpus(section) : []))[0];
  return { text, video, audio: audio ?? null };
}

/**
 * The answer as the viewer gets it: naming the profile that was offered, because some browsers refuse any other
 * though they decode it; and with the addresses under which this machine is known outside, as further candidates
 * (RFC 8839 §5.1) behind its own.
 */
export function finishAnswer(answer: string, offer: Offer, publicAddresses: readonly string[]): string {
  const lines = answer.split(/\r?\n/).flatMap((line) => {
    const named = line.replace(
      /profile-level-id=[0-9a-f]{6}/i,
      `profile-level-id=${offer.video.profileLevelId}`,
    );
    return [named, ...publicAddresses.flatMap((address) => candidateAt(line, address))];
  });
  return lines.join('\r\n');
}

/** A host candidate over UDP, said anew for another address with the same port. */
function candidateAt(line: string, address: string): string[] {
  const host = /^a=candidate:(\d+) (\d+) UDP (\d+) (\d+\.\d+\.\d+\.\d+) (\d+) typ host/.exec(line);
  if (host === null || host[4] === address) return [];
  const [, foundation = '', component = '', priority = '', , port = ''] = host;
  return [
    `a=candidate:${Number(foundation) + 1000} ${component} UDP ${Math.max(1, Number(priority) - 1000)} ${address} ${port} typ host`,
  ];
}

function sectionsOf(text: string): MediaSection[] {
  return text.split(/^(?=m=)/m).flatMap((part) => {
    const lines = part.split(/\r?\n/);
    const media = /^m=(\w+) \d+ \S+ (.*)$/.exec(lines[0] ?? '');
    if (media === null) return [];
    const [, kind = '', payloads = ''] = media;
    return [{ kind, payloads: payloads.trim().split(' '), lines }];
  });
}

function offeredH264(section: MediaSection): OfferedH264[] {
  return codecs(section, /^H264\/90000$/i).flatMap((payload) => {
    const format = formatOf(section, payload);
    if (!/packetization-mode=1\b/.test(format)) return [];
    // RFC 6184 §8.1: without it, Baseline at level 1.
    const profileLevelId = /profile-level-id=([0-9a-f]{6})/i.exec(format)?.[1]?.toLowerCase() ?? '42000a';
    return [{ payload: Number(payload), profileLevelId }];
  });
}

function offeredOpus(section: MediaSection): OfferedCodec[] {
  return codecs(section, /^opus\/48000\/2$/i).map((payload) => ({ payload: Number(payload) }));
}

/** Payload types of a codec, in the viewer's order of preference. */
function codecs({ payloads, lines }: MediaSection, name: RegExp): string[] {
  const maps = lines.flatMap((line) => {
    const map = /^a=rtpmap:(\d{1,3}) (\S+)$/.exec(line);
    return map !== null && name.test(map[2] ?? '') && Number(map[1]) < 128 ? [map[1] ?? ''] : [];
  });
  return payloads.filter((payload) => maps.includes(payload));
}

function formatOf({ lines }: MediaSection, payload: string): string {
  const prefix = `a=fmtp:${payload} `;
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '';
}

function refused(detail: string): NvrError {
  return new NvrError('invalid', detail, { field: 'offer' });
}
