/** The RTSP methods of a camera (RFC 2326 §10): each takes a request and gives the response. */
import type { Camera } from './camera.ts';
import type { Client } from './client.ts';
import type { Request, Response } from './messages.ts';
import { datagrams, interleaved, type Outlet } from './outlet.ts';
import { Sender } from './sender.ts';

const SESSION_TIMEOUT_S = 60;
const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER';

/** The response to a request; undefined when the camera keeps silent. */
export async function answer(client: Client, request: Request): Promise<Response | undefined> {
  const { gate, cameras } = client.site;
  const named = cameras.get(cameraPath(request.url));
  if (named !== undefined) client.watch(named);
  const camera = client.camera;
  if (camera?.faults.silent) return undefined;
  if (camera?.faults.down) return { status: 503 };
  if (request.method === 'OPTIONS') return { status: 200, headers: { Public: METHODS } };
  const authorization = request.headers.get('authorization');
  if (!gate.admits(request.method, authorization)) {
    if (authorization !== undefined) camera?.countAuthFailure();
    return { status: 401, headers: { 'WWW-Authenticate': gate.challenge } };
  }
  return camera === undefined ? { status: 404 } : await answerFor(camera, client, request);
}

async function answerFor(camera: Camera, client: Client, request: Request): Promise<Response> {
  const session = { Session: `${client.sessionId};timeout=${SESSION_TIMEOUT_S}` };
  switch (request.method) {
    case 'DESCRIBE':
      return describe(camera, request.url);
    case 'SETUP':
      return await setUp(camera, client, request);
    case 'PLAY':
      return client.senders.size === 0 ? { status: 454 } : play(client, request.url);
    case 'GET_PARAMETER':
    case 'SET_PARAMETER':
      return { status: 200, headers: session };
    case 'TEARDOWN':
      client.stop();
      return { status: 200, headers: session };
    default:
      return { status: 501 };
  }
}

/** The path of a camera in the URL of one of its tracks or its own. */
function cameraPath(url: string): string {
  return url
    .replace(/^rtsp:\/\/[^/]*\//i, '')
    .replace(/\/?trackID=\d+$/, '')
    .replace(/\/$/, '');
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function describe(camera: Camera, url: string): Response {
  const head = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    `s=${camera.path}`,
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
  ];
  const media = camera.tracks.flatMap((track, index) => [
    `m=${track.media} 0 RTP/AVP ${track.payloadType}`,
    ...track.attributes.map((attribute) => `a=${attribute}`),
    `a=control:trackID=${index}`,
  ]);
  return {
    status: 200,
    headers: { 'Content-Base': withSlash(url), 'Content-Type': 'application/sdp' },
    body: [...head, ...media, ''].join('\r\n'),
  };
}

async function setUp(camera: Camera, client: Client, { url, headers }: Request): Promise<Response> {
  const index = Number(/trackID=(\d+)$/.exec(url)?.[1] ?? 0);
  const track = camera.tracks[index];
  if (track === undefined) return { status: 404 };
  const outlet = await outletFor(client, headers.get('transport') ?? '', index * 2);
  if (outlet === undefined) return { status: 461 };
  if (client.socket.destroyed) {
    outlet.close();
    return { status: 454 };
  }
  const sender = new Sender(camera, track, outlet);
  client.senders.get(index)?.outlet.close();
  client.senders.set(index, sender);
  return {
    status: 200,
    headers: {
      Session: `${client.sessionId};timeout=${SESSION_TIMEOUT_S}`,
      Transport: `${outlet.transport};ssrc=${sender.ssrc.toString(16).padStart(8, '0')}`,
    },
  };
}

async function outletFor(client: Client, transport: string, channel: number): Promise<Outlet | undefined> {
  const offers = transport.split(',');
  for (const offer of offers) {
    if (/RTP\/AVP\/TCP/i.test(offer)) {
      const wanted = /interleaved=(\d+)/.exec(offer)?.[1];
      return interleaved(client.socket, wanted === undefined ? channel : Number(wanted));
    }
    const port = /client_port=(\d+)/.exec(offer)?.[1];
    const address = client.socket.remoteAddress;
    if (port !== undefined && address !== undefined && !/multicast/i.test(offer)) {
      return await datagrams(client.site.host, address, Number(port));
    }
  }
  return undefined;
}

function play(client: Client, url: string): Response {
  const tracks = [...client.senders].map(
    ([index, sender]) => `url=${withSlash(url)}trackID=${index};${sender.rtpInfo}`,
  );
  return {
    status: 200,
    headers: {
      Session: `${client.sessionId};timeout=${SESSION_TIMEOUT_S}`,
      Range: 'npt=now-',
      'RTP-Info': tracks.join(','),
    },
  };
}
