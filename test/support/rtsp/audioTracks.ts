/** Audio tracks: AAC and Opus from footage, G.711 A-law computed. */
import { readFile } from 'node:fs/promises';
import { footage } from '../footage.ts';
import { toneInALaw } from './alaw.ts';
import { aacPayload, layOut, type Payload } from './packets.ts';
import type { Track } from './track.ts';
import type { AudioKind } from './types.ts';

const AUDIO_TYPE = 97;
/** The static payload type of PCMA (RFC 3551 table 4). */
const PCMA_TYPE = 8;
const AAC_CLOCK_HZ = 16_000;

const audioTracks = new Map<AudioKind, Promise<Track>>();

/** The audio track of that kind; it exists for every kind but `none`. */
export function audioTrack(kind: Exclude<AudioKind, 'none'>): Promise<Track> {
  const load = { aac: loadAac, opus: loadOpus, pcma: loadPcma }[kind];
  const track = audioTracks.get(kind) ?? load();
  audioTracks.set(kind, track);
  return track;
}

function audio(
  payloads: readonly Payload[],
  format: { payloadType: number; clockHz: number; ticksPerFrame: number; attributes: string[] },
): Track {
  const { ticksPerFrame, payloadType, clockHz, attributes } = format;
  // The marker bit means the end of an AAC frame, but the start of speech elsewhere (RFC 3551 §4.1).
  const frames = payloads.map((payload, index) => ({
    ...layOut([payload], payloadType, clockHz === AAC_CLOCK_HZ),
    key: true,
    at: index * ticksPerFrame,
    due: index * ticksPerFrame,
  }));
  const length = frames.length * ticksPerFrame;
  return {
    media: 'audio',
    payloadType,
    clockHz,
    fps: clockHz / ticksPerFrame,
    frames,
    length,
    attributes,
  };
}

/** Reads ADTS frames (ISO/IEC 13818-7 §6.2) of AAC-LC, 16 kHz, mono. */
async function loadAac(): Promise<Track> {
  const stream = await readFile(await footage('aac'));
  const payloads: Payload[] = [];
  for (let at = 0; at + 7 <= stream.length; ) {
    const headerBytes = stream.readUInt8(at + 1) & 1 ? 7 : 9;
    const frameBytes = (stream.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    payloads.push(aacPayload(stream.subarray(at + headerBytes, at + frameBytes)));
    at += frameBytes;
  }
  // AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2): object type 2 (LC), frequency index 8 (16 kHz), one channel.
  const config = ((2 << 11) | (8 << 7) | (1 << 3)).toString(16);
  const mode = 'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3';
  const attributes = [
    `rtpmap:${AUDIO_TYPE} MPEG4-GENERIC/${AAC_CLOCK_HZ}/1`,
    `fmtp:${AUDIO_TYPE} ${mode};config=${config}`,
  ];
  return audio(payloads, {
    payloadType: AUDIO_TYPE,
    clockHz: AAC_CLOCK_HZ,
    ticksPerFrame: 1024,
    attributes,
  });
}

/** Takes the payloads out of RTP packets of 20 ms that each stand behind a length of 16 bits (RFC 4571). */
async function loadOpus(): Promise<Track> {
  const stream = await readFile(await footage('opus'));
  const payloads: Payload[] = [];
  for (let at = 0; at + 2 <= stream.length; ) {
    const end = at + 2 + stream.readUInt16BE(at);
    payloads.push({ bytes: stream.subarray(at + 2 + 12, end) });
    at = end;
  }
  const attributes = [`rtpmap:${AUDIO_TYPE} opus/48000/2`, `fmtp:${AUDIO_TYPE} sprop-stereo=0`];
  return audio(payloads, { payloadType: AUDIO_TYPE, clockHz: 48_000, ticksPerFrame: 960, attributes });
}

async function loadPcma(): Promise<Track> {
  const ticksPerFrame = 320;
  const attributes = [`rtpmap:${PCMA_TYPE} PCMA/8000`];
  const payloads = [{ bytes: toneInALaw(ticksPerFrame) }];
  return audio(payloads, { payloadType: PCMA_TYPE, clockHz: 8000, ticksPerFrame, attributes });
}
