/** Viewers over WebRTC (WHEP): taps, peers and the list of viewers joined, and ended when they are gone. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { finishAnswer, readOffer } from '../domain/sdp.ts';
import type { Clock } from '../domain/time.ts';
import type { WhepPort, WhepViewer } from '../http/whep.ts';
import type { LiveHub } from '../live/hub.ts';
import type { ViewerHandle, ViewerRegistry } from '../live/viewers.ts';
import type { Tap, Taps } from '../media/tap.ts';
import { WebRtcPeer } from '../media/webrtc.ts';
import { reorders } from '../mp4/reordering.ts';

interface Rooms {
  readonly config: Pick<Config, 'webrtcPorts' | 'publicAddresses'>;
  readonly hub: LiveHub;
  readonly taps: Taps;
  readonly viewers: ViewerRegistry;
  readonly clock: Clock;
}

interface Session extends WhepViewer {
  readonly end: () => void;
}

/** Each has threads of its own; beyond these, viewers are better off with another transport. */
const MOST_PEERS = 64;
const LOOK_EVERY_MS = 1_000;
const CONNECT_LIMIT_MS = 15_000;
/** A network that changes brings the viewer back within seconds, or not at all. */
const LOST_LIMIT_MS = 10_000;

export class Whep implements WhepPort {
  readonly #rooms: Rooms;
  readonly #sessions = new Map<string, Session>();
  #opening = 0;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** See WhepPort. */
  async open(
    viewer: WhepViewer,
    offerText: string,
  ): Promise<{ readonly id: string; readonly answer: string }> {
    if (this.#sessions.size + this.#opening >= MOST_PEERS) {
      throw new NvrError('exhausted', `${MOST_PEERS} viewers watch over WebRTC, which is the most.`, {
        field: 'viewers',
      });
    }
    const offer = readOffer(offerText, this.#profileOf(viewer.camera));
    const { viewers, taps, config } = this.#rooms;
    const id = randomUUID();
    const { camera, user } = viewer;
    const handle = viewers.add({ camera, stream: 'main', transport: 'whep', user }, () => this.#end(id));
    this.#opening += 1;
    try {
      const tap = taps.of(camera);
      const peer = await WebRtcPeer.answer({ offer, audioCaps: tap.audioCaps, ports: config.webrtcPorts });
      this.#watch(id, viewer, peer, handle, tap);
      return { id, answer: finishAnswer(peer.answer, offer, config.publicAddresses) };
    } catch (thrown) {
      handle.end();
      throw thrown;
    } finally {
      this.#opening -= 1;
    }
  }

  /** See WhepPort. */
  close({ camera, user }: WhepViewer, id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined || session.camera !== camera || session.user !== user) {
      throw new NvrError('not-found', 'There is no such view, or it has ended.', { field: 'viewId' });
    }
    session.end();
  }

  /** See WhepPort. */
  closeAll(): void {
    for (const { end } of [...this.#sessions.values()]) end();
  }

  #end(id: string): void {
    this.#sessions.get(id)?.end();
  }

  #watch(id: string, viewer: WhepViewer, peer: WebRtcPeer, handle: ViewerHandle, tap: Tap): void {
    const { clock, hub } = this.#rooms;
    const stream = hub.get(viewer.camera);
    let fineMs = clock.monotonic();
    let limitMs = CONNECT_LIMIT_MS;
    let heard = '';
    const look = setInterval(() => {
      stream.demand();
      const { connection } = peer;
      const report = connection === 'connected' ? peer.report : '';
      if (report !== heard) {
        heard = report;
        fineMs = clock.monotonic();
        limitMs = LOST_LIMIT_MS;
      }
      const lost = connection === 'failed' || connection === 'closed' || clock.monotonic() - fineMs > limitMs;
      if (lost) this.#end(id);
    }, LOOK_EVERY_MS);
    const end = () => {
      this.#sessions.delete(id);
      clearInterval(look);
      silence();
      peer.close();
      handle.end();
    };
    const silence = tap.listen(peer.ports, end);
    this.#sessions.set(id, { ...viewer, end });
  }

  /** The H.264 profile of what the camera sends. @throws NvrError when that can't go over WebRTC. */
  #profileOf(camera: CameraId): string {
    const stream = this.#rooms.hub.get(camera);
    // A camera that is connected on demand will be there when the viewer asks again.
    stream.demand();
    const { entries } = stream;
    const newest = entries.at(-1);
    if (newest === undefined)
      throw new NvrError('unavailable', 'The camera delivers no media at the moment.', { field: 'cameraId' });
    const { video } = newest.init;
    if (!video.codec.startsWith('avc')) {
      const detail =
        'The camera sends H.265, which can’t go over WebRTC as it is; watch over WebSocket or HLS.';
      throw new NvrError('conflict', detail, { field: 'codec' });
    }
    if (entries.some(({ fragment }) => reorders(fragment, video))) {
      const detail = 'The camera sends B-frames, which can’t go over WebRTC; watch over WebSocket or HLS.';
      throw new NvrError('conflict', detail, { field: 'codec' });
    }
    return video.codec.slice(5, 7);
  }
}
