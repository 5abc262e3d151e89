/** One track on its way to one client: what is due, its RTP and RTCP (RFC 3550). */
import { randomBytes } from 'node:crypto';
import type { Camera } from './camera.ts';
import type { Outlet } from './outlet.ts';
import { FRAMING_BYTES, type Frame, RTP_HEADER_BYTES } from './packets.ts';
import { Playhead } from './playhead.ts';
import { senderReport } from './rtcp.ts';
import { writeStamp } from './stamps.ts';
import type { Track } from './track.ts';

const REPORT_INTERVAL_MS = 5000;
/** A client this far behind gets nothing more until it has caught up: a camera has no endless memory. */
const MAX_BACKLOG_BYTES = 64 << 20;

export class Sender {
  readonly outlet: Outlet;
  readonly ssrc = randomBytes(4).readUInt32BE();
  readonly #camera: Camera;
  readonly #firstTimestamp = randomBytes(4).readUInt32BE();
  #sequence = randomBytes(2).readUInt16BE();
  #playhead: Playhead;
  #frameNumber = 0;
  #packets = 0;
  #octets = 0;
  #nextReportMs = 0;
  #framesToDrop = 0;
  #waitsForKey = false;

  constructor(camera: Camera, track: Track, outlet: Outlet) {
    this.#camera = camera;
    this.outlet = outlet;
    this.#playhead = new Playhead(track);
  }

  /** The fields of this track in `RTP-Info` (RFC 2326 §12.33). */
  get rtpInfo(): string {
    return `seq=${this.#sequence};rtptime=${this.#timestamp(0)}`;
  }

  /** Begins to play; frames are numbered from here. */
  start(): void {
    const { media, fps } = this.#playhead.track;
    if (media === 'video') this.#frameNumber = this.#camera.firstFrameNumber(fps);
  }

  /** Loses the next `frames` video frames on the way. */
  drop(frames: number): void {
    if (this.#playhead.track.media === 'video') this.#framesToDrop += frames;
  }

  /** Sends what has become due by `elapsedMs` after the start. */
  pump(elapsedMs: number): void {
    const { frozen, silent, mute } = this.#camera.faults;
    const isVideo = this.#playhead.track.media === 'video';
    const muted = frozen || silent || (mute && !isVideo);
    if (muted) this.#waitsForKey = true;
    else this.#reportIfDue(elapsedMs);
    while (this.#playhead.nextDueMs <= elapsedMs) {
      if (isVideo && this.#playhead.next.key) this.#playhead.playFrom(this.#camera.video);
      const { frame, ticks } = this.#playhead.take();
      const number = this.#frameNumber++;
      if (!muted && this.#isWanted(frame)) this.#send(frame, ticks, number);
    }
  }

  #isWanted(frame: Frame): boolean {
    if (this.outlet.backlog() > MAX_BACKLOG_BYTES) this.#waitsForKey = true;
    else if (frame.key) this.#waitsForKey = false;
    if (this.#waitsForKey) this.#camera.countWithheld();
    return !this.#waitsForKey;
  }

  #send(frame: Frame, ticks: number, number: number): void {
    const bytes = Buffer.from(frame.bytes);
    const timestamp = this.#timestamp(ticks);
    for (const offset of frame.packets) {
      bytes.writeUInt8(this.outlet.channel, offset + 1);
      const rtp = offset + FRAMING_BYTES;
      bytes.writeUInt16BE(this.#sequence, rtp + 2);
      bytes.writeUInt32BE(timestamp, rtp + 4);
      bytes.writeUInt32BE(this.ssrc, rtp + 8);
      this.#sequence = (this.#sequence + 1) & 0xffff;
    }
    const stamp = { camera: this.#camera.number, frame: number, sentMs: Date.now() };
    if (frame.stampAt !== undefined) writeStamp(bytes, frame.stampAt, stamp);
    if (this.#camera.faults.garbles) garble(bytes, frame.packets);
    this.#packets += frame.packets.length;
    this.#octets += bytes.length - frame.packets.length * (FRAMING_BYTES + RTP_HEADER_BYTES);
    const { media } = this.#playhead.track;
    if (media === 'video') this.#camera.countFrame(number);
    this.#camera.countBytes(bytes.length - frame.packets.length * FRAMING_BYTES);
    if (this.#framesToDrop > 0) this.#framesToDrop -= 1;
    else this.outlet.rtp(bytes, frame.packets);
  }

  #timestamp(ticks: number): number {
    const jump = this.#camera.faults.timestampJumpSeconds * this.#playhead.track.clockHz;
    return (this.#firstTimestamp + ticks + Math.round(jump)) >>> 0;
  }

  #reportIfDue(elapsedMs: number): void {
    if (elapsedMs < this.#nextReportMs) return;
    this.#nextReportMs = elapsedMs + REPORT_INTERVAL_MS;
    const ticks = Math.round((elapsedMs * this.#playhead.track.clockHz) / 1000);
    const report = senderReport({
      channel: this.outlet.channel + 1,
      ssrc: this.ssrc,
      epochMs: Date.now(),
      timestamp: this.#timestamp(ticks),
      packets: this.#packets,
      octets: this.#octets,
    });
    this.outlet.rtcp(report);
  }
}

/** Flips one byte in the payload of each packet. */
function garble(bytes: Buffer, packets: readonly number[]): void {
  for (const [index, offset] of packets.entries()) {
    const payload = offset + FRAMING_BYTES + RTP_HEADER_BYTES;
    const end = packets[index + 1] ?? bytes.length;
    const at = payload + Math.floor(Math.random() * (end - payload));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
  }
}
