/**
 * RTP payload formats and the frame template: the RTP packets of one frame, made once, behind the four bytes
 * that RTSP interleaving puts before each. Sending a frame is copying it and filling in what changes.
 */
import type { VideoCodec } from '../footage.ts';
import { SYNTAX } from './nal.ts';

/** The largest RTP payload sent, in bytes; it leaves room for IPv4, UDP and RTP in an Ethernet packet. */
const MAX_PAYLOAD = 1400;
/** `$`, channel, length (RFC 2326 §10.12). */
export const FRAMING_BYTES = 4;
/** The fixed RTP header (RFC 3550 §5.1). */
export const RTP_HEADER_BYTES = 12;
const PREFIX_BYTES = FRAMING_BYTES + RTP_HEADER_BYTES;

/** One frame, ready to send but for channel, sequence numbers, timestamp, SSRC and stamp. */
export interface Frame {
  readonly bytes: Buffer;
  /** Where each packet's interleaving prefix begins in `bytes`. */
  readonly packets: readonly number[];
  /** Where the text of the stamp begins in `bytes`. */
  readonly stampAt: number | undefined;
  /** Whether a client can begin here. */
  readonly key: boolean;
  /** When it is shown, in ticks of the track's clock from the beginning of the loop. */
  readonly at: number;
  /** When it is sent, in the same ticks; never before it or a frame it is decoded after. */
  readonly due: number;
}

export interface Payload {
  readonly bytes: Buffer;
  /** Where the text of a stamp begins in `bytes`, in the payload that has one. */
  readonly stampAt?: number;
}

/** Lays out the packets of a frame; `marker` is set on the last one (RFC 3550 §5.1). */
export function layOut(payloads: readonly Payload[], payloadType: number, marker: boolean) {
  const bytes = Buffer.alloc(payloads.reduce((sum, { bytes }) => sum + PREFIX_BYTES + bytes.length, 0));
  const packets: number[] = [];
  let stampAt: number | undefined;
  let offset = 0;
  for (const [index, payload] of payloads.entries()) {
    packets.push(offset);
    bytes.write('$', offset, 'latin1');
    bytes.writeUInt16BE(RTP_HEADER_BYTES + payload.bytes.length, offset + 2);
    bytes.writeUInt8(0x80, offset + FRAMING_BYTES);
    const marked = marker && index === payloads.length - 1;
    bytes.writeUInt8(payloadType | (marked ? 0x80 : 0), offset + FRAMING_BYTES + 1);
    payload.bytes.copy(bytes, offset + PREFIX_BYTES);
    if (payload.stampAt !== undefined) stampAt = offset + PREFIX_BYTES + payload.stampAt;
    offset += PREFIX_BYTES + payload.bytes.length;
  }
  return { bytes, packets, stampAt };
}

/** One NAL unit as one payload, or as fragmentation units (FU-A of RFC 6184 §5.8, FU of RFC 7798 §4.4.3). */
export function nalPayloads(nal: Buffer, codec: VideoCodec): Payload[] {
  if (nal.length <= MAX_PAYLOAD) return [{ bytes: nal }];
  const body = nal.subarray(SYNTAX[codec].headerBytes);
  const step = MAX_PAYLOAD - SYNTAX[codec].headerBytes - 1;
  const payloads: Payload[] = [];
  for (let offset = 0; offset < body.length; offset += step) {
    const edges = (offset === 0 ? 0x80 : 0) | (offset + step >= body.length ? 0x40 : 0);
    const header = codec === 'h264' ? h264FragmentHeader(nal, edges) : h265FragmentHeader(nal, edges);
    payloads.push({ bytes: Buffer.concat([header, body.subarray(offset, offset + step)]) });
  }
  return payloads;
}

function h264FragmentHeader(nal: Buffer, edges: number): Buffer {
  const header = nal.readUInt8(0);
  return Buffer.from([(header & 0xe0) | 28, edges | (header & 0x1f)]);
}

function h265FragmentHeader(nal: Buffer, edges: number): Buffer {
  const header = nal.readUInt8(0);
  return Buffer.from([(header & 0x81) | (49 << 1), nal.readUInt8(1), edges | ((header >> 1) & 0x3f)]);
}

/** One AAC frame behind its AU header of 13 bits size and 3 bits index (RFC 3640 §3.3.6, `AAC-hbr`). */
export function aacPayload(frame: Buffer): Payload {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(16, 0);
  header.writeUInt16BE(frame.length << 3, 2);
  return { bytes: Buffer.concat([header, frame]) };
}
