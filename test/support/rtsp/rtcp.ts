/** RTCP sender reports (RFC 3550 §6.4.1), each with the source description (§6.5) that a compound packet needs. */

export interface SenderReport {
  /** The interleaved channel it is sent on. */
  readonly channel: number;
  readonly ssrc: number;
  /** The wall clock, epoch ms, at which the RTP clock shows `timestamp`. */
  readonly epochMs: number;
  readonly timestamp: number;
  readonly packets: number;
  /** Payload bytes sent. */
  readonly octets: number;
}

const NTP_EPOCH_OFFSET_S = 2_208_988_800;
const CNAME = 'camera';
const REPORT_BYTES = 28;
const DESCRIPTION_BYTES = 20;

/** The bytes of a compound RTCP packet, behind its interleaving prefix. */
export function senderReport(report: SenderReport): Buffer {
  const bytes = Buffer.alloc(4 + REPORT_BYTES + DESCRIPTION_BYTES);
  bytes.write('$', 0, 'latin1');
  bytes.writeUInt8(report.channel, 1);
  bytes.writeUInt16BE(REPORT_BYTES + DESCRIPTION_BYTES, 2);
  writeReport(bytes.subarray(4), report);
  writeDescription(bytes.subarray(4 + REPORT_BYTES), report.ssrc);
  return bytes;
}

function writeReport(bytes: Buffer, { ssrc, epochMs, timestamp, packets, octets }: SenderReport): void {
  const seconds = Math.floor(epochMs / 1000);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8(200, 1);
  bytes.writeUInt16BE(REPORT_BYTES / 4 - 1, 2);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt32BE((seconds + NTP_EPOCH_OFFSET_S) >>> 0, 8);
  bytes.writeUInt32BE(Math.floor((epochMs / 1000 - seconds) * 2 ** 32), 12);
  bytes.writeUInt32BE(timestamp, 16);
  bytes.writeUInt32BE(packets >>> 0, 20);
  bytes.writeUInt32BE(octets >>> 0, 24);
}

function writeDescription(bytes: Buffer, ssrc: number): void {
  bytes.writeUInt8(0x81, 0);
  bytes.writeUInt8(202, 1);
  bytes.writeUInt16BE(DESCRIPTION_BYTES / 4 - 1, 2);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt8(1, 8);
  bytes.writeUInt8(CNAME.length, 9);
  bytes.write(CNAME, 10, 'latin1');
}
