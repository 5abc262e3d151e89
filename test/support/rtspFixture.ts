/** What tests of the camera simulator share: a server, receivers and raw requests that end with their test. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type ReceiverOptions, receive } from './receiver.ts';
import { startRtspServer } from './rtsp/server.ts';
import type { CameraOptions, RtspServer, RtspServerOptions } from './rtsp/types.ts';

/** What `checkStamps` gives of a recording that lacks nothing. */
export const whole = { lost: 0, doubled: 0, backward: 0 };

/** The path of a file that is deleted when the test ends. */
export function scratchFile(name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rtsp-server-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, name);
}

/** A server of stamped cameras inside this process. */
export async function serve(options: Partial<RtspServerOptions> & { cameras: readonly CameraOptions[] }) {
  const server = await startRtspServer({ stamp: true, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** Starts a receiver that writes to a file of its own and never outlives its test. */
export function watch(options: Omit<ReceiverOptions, 'file'>) {
  const file = scratchFile('video');
  const receiver = receive({ ...options, file });
  onTestFinished(async () => {
    await receiver.stop();
  });
  return { ...receiver, file };
}

/** Sends one request on a connection of its own and gives the first line of the response. */
export async function statusOf(server: RtspServer, cameraPath: string, method = 'DESCRIBE'): Promise<string> {
  const socket = connect(server.port, server.host);
  onTestFinished(() => void socket.destroy());
  socket.write(`${method} ${server.url(cameraPath)} RTSP/1.0\r\nCSeq: 7\r\n\r\n`);
  const [bytes]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
  return String(bytes).split('\r\n', 1).join();
}

/** One RTP packet as it came interleaved in the RTSP connection. */
export interface RtpPacket {
  readonly channel: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** Plays video (channel 0) and audio (channel 2) of a camera without authentication; the list grows as they arrive. */
export function packetsOf(server: RtspServer, cameraPath: string): readonly RtpPacket[] {
  const packets: RtpPacket[] = [];
  const socket = connect(server.port, server.host);
  onTestFinished(() => void socket.destroy());
  const url = server.url(cameraPath);
  for (const track of [0, 1]) {
    const transport = `RTP/AVP/TCP;unicast;interleaved=${track * 2}-${track * 2 + 1}`;
    socket.write(
      `SETUP ${url}/trackID=${track} RTSP/1.0\r\nCSeq: ${track}\r\nTransport: ${transport}\r\n\r\n`,
    );
  }
  socket.write(`PLAY ${url} RTSP/1.0\r\nCSeq: 2\r\n\r\n`);
  let unread = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    unread = takePackets(Buffer.concat([unread, bytes]), packets);
  });
  return packets;
}

/** Moves whole RTP packets into the list, past responses and RTCP, and gives what is left. */
function takePackets(bytes: Buffer, packets: RtpPacket[]): Buffer<ArrayBuffer> {
  let at = 0;
  while (bytes.length - at >= 4) {
    const isPacket = bytes[at] === 0x24;
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    const end = isPacket ? at + 4 + bytes.readUInt16BE(at + 2) : headEnd + 4;
    if (end > bytes.length || (!isPacket && headEnd < 0)) break;
    const channel = bytes.readUInt8(at + 1);
    if (isPacket && channel % 2 === 0) {
      const payload = bytes.subarray(at + 16, end);
      packets.push({ channel, timestamp: bytes.readUInt32BE(at + 8), payload });
    }
    at = end;
  }
  return Buffer.from(bytes.subarray(at));
}
