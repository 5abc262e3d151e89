/** How packets leave for one client: interleaved in its RTSP connection, or as UDP datagrams. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { FRAMING_BYTES } from './packets.ts';

export interface Outlet {
  /** The value of the `Transport` header that describes it (RFC 2326 §12.39), without the SSRC. */
  readonly transport: string;
  /** The interleaved channel of RTP; RTCP has the next one. */
  readonly channel: number;
  /** Sends RTP packets that stand in `bytes` at these offsets, each behind its interleaving prefix. */
  rtp(bytes: Buffer, packets: readonly number[]): void;
  /** Sends one RTCP packet that stands behind its interleaving prefix. */
  rtcp(bytes: Buffer): void;
  /** Bytes accepted but not yet taken by the network. */
  backlog(): number;
  close(): void;
}

/** An outlet into the RTSP connection. */
export function interleaved(socket: Socket, channel: number): Outlet {
  return {
    transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    channel,
    rtp: (bytes) => void socket.write(bytes),
    rtcp: (bytes) => void socket.write(bytes),
    backlog: () => socket.writableLength,
    close: () => {},
  };
}

/** An outlet of datagrams from `host` to `clientPort` (RTP) and the port after it (RTCP) of `clientAddress`. */
export async function datagrams(host: string, clientAddress: string, clientPort: number): Promise<Outlet> {
  const [rtp, rtcp] = await portPair(host);
  const serverPort = rtp.address().port;
  const ports = `client_port=${clientPort}-${clientPort + 1};server_port=${serverPort}-${serverPort + 1}`;
  return {
    transport: `RTP/AVP;unicast;${ports}`,
    channel: 0,
    rtp: (bytes, packets) => {
      for (const [index, offset] of packets.entries()) {
        const packet = bytes.subarray(offset + FRAMING_BYTES, packets[index + 1]);
        rtp.send(packet, clientPort, clientAddress);
      }
    },
    rtcp: (bytes) => rtcp.send(bytes.subarray(FRAMING_BYTES), clientPort + 1, clientAddress),
    backlog: () => rtp.getSendQueueSize(),
    close: () => {
      rtp.close();
      rtcp.close();
    },
  };
}

const PORT_PAIR_TRIES = 100;

/** Two sockets on an even port and the one after it (RFC 3550 §11). */
async function portPair(host: string): Promise<readonly [UdpSocket, UdpSocket]> {
  for (let tries = 0; tries < PORT_PAIR_TRIES; tries += 1) {
    const rtp = await bound(host, 0);
    const { port } = rtp.address();
    const rtcp = port % 2 === 0 ? await bound(host, port + 1).catch(() => undefined) : undefined;
    if (rtcp !== undefined) return [rtp, rtcp];
    rtp.close();
  }
  throw new Error('No free pair of UDP ports.');
}

async function bound(host: string, port: number): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(port, host);
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  // A client that is gone answers with ICMP; it is no concern of the camera.
  socket.on('error', () => {});
  return socket;
}
