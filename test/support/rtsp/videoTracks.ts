/** Video tracks, made from H.264 and H.265 footage. */
import { readFile } from 'node:fs/promises';
import { footage, VIDEO, type VideoCodec, type VideoFootage } from '../footage.ts';
import { type AccessUnit, accessUnits, displayOrder, SYNTAX, splitNals } from './nal.ts';
import { layOut, nalPayloads, type Payload } from './packets.ts';
import { stampNal } from './stamps.ts';
import type { Track } from './track.ts';

const VIDEO_CLOCK_HZ = 90_000;
const VIDEO_TYPE = 96;

const videoTracks = new Map<string, Promise<Track>>();

/** The video track of that name, with or without room for a stamp in each frame. */
export function videoTrack(name: VideoFootage, stamp: boolean): Promise<Track> {
  const key = `${name} ${stamp}`;
  const track = videoTracks.get(key) ?? loadVideo(name, stamp);
  videoTracks.set(key, track);
  return track;
}

async function loadVideo(name: VideoFootage, stamp: boolean): Promise<Track> {
  const { codec, fps, bFrames } = VIDEO[name];
  const nals = splitNals(await readFile(await footage(name)));
  const units = accessUnits(nals, codec);
  const shown = displayOrder(units).map((place) => ticksOfPlace(place, fps, bFrames > 0));
  let due = 0;
  const frames = units.map((unit, index) => {
    const payloads = videoPayloads(unit, name, stamp);
    const at = shown[index] ?? 0;
    due = Math.max(due, at);
    return { ...layOut(payloads, VIDEO_TYPE, true), key: unit.key, at, due };
  });
  const format = codec === 'h264' ? h264Format(nals) : h265Format(nals);
  return {
    media: 'video',
    payloadType: VIDEO_TYPE,
    clockHz: VIDEO_CLOCK_HZ,
    fps,
    frames,
    length: (units.length * VIDEO_CLOCK_HZ) / fps,
    attributes: [...format, `framerate:${fps}`],
  };
}

/** When the picture at a place in display order is shown, in ticks: evenly, or up to 20 ms late. */
function ticksOfPlace(place: number, fps: number, jittered: boolean): number {
  const even = Math.round((place * VIDEO_CLOCK_HZ) / fps);
  const lateMs = jittered && place > 0 ? (place * 13) % 21 : 0;
  return even + (lateMs * VIDEO_CLOCK_HZ) / 1000;
}

function videoPayloads(unit: AccessUnit, name: VideoFootage, stamp: boolean): Payload[] {
  const { codec } = VIDEO[name];
  const syntax = SYNTAX[codec];
  const firstSlice = unit.nals.findIndex((nal) => syntax.isSlice(syntax.type(nal)));
  return unit.nals.flatMap((nal, index) => {
    const payloads = nalPayloads(nal, codec);
    return stamp && index === firstSlice ? [stampNal(codec), ...payloads] : payloads;
  });
}

function parameterSets(nals: readonly Buffer[], codec: VideoCodec): Map<number, Buffer> {
  const { type, isParameterSet } = SYNTAX[codec];
  return new Map(nals.filter((nal) => isParameterSet(type(nal))).map((nal) => [type(nal), nal]));
}

function base64(nal: Buffer | undefined): string {
  if (nal === undefined) throw new Error('The footage lacks a parameter set.');
  return nal.toString('base64');
}

function h264Format(nals: readonly Buffer[]): string[] {
  const sets = parameterSets(nals, 'h264');
  const profile = sets.get(7)?.toString('hex', 1, 4);
  const sprop = `${base64(sets.get(7))},${base64(sets.get(8))}`;
  return [
    `rtpmap:${VIDEO_TYPE} H264/${VIDEO_CLOCK_HZ}`,
    `fmtp:${VIDEO_TYPE} packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sprop}`,
  ];
}

function h265Format(nals: readonly Buffer[]): string[] {
  const sets = parameterSets(nals, 'h265');
  const [vps, sps, pps] = [32, 33, 34].map((type) => base64(sets.get(type)));
  return [
    `rtpmap:${VIDEO_TYPE} H265/${VIDEO_CLOCK_HZ}`,
    `fmtp:${VIDEO_TYPE} sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`,
  ];
}
