/** Viewers over WebRTC (WHEP): taps, peers and the list of viewers joined, and ended when they are gone. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { finishAnswer, readOffer } from '../domain/sdp.ts';
import type { Clock } from '../domain/time.ts';
import type { WhepPort, WhepViewer } from '../http/whep.ts';
import type { LiveHub } from '../live/hub.ts';
import type { ViewerRegistry } from '../live/viewers.ts';
import type { Taps } from '../media/tap.ts';
import { WebRtcPeer } from '../media/webrtc.ts';
import { reorders } from '../mp4/reordering.ts';

interface Rooms {
  readonly config: Pick<Config, 'webrtcPorts' | 'publicAddresses'>;
  readonly hub: LiveHub;
  readonly taps: Taps;
  readonly viewers: ViewerRegistry;
  readonly clock: Clock;
}

/** One view from the moment it was asked for, with what its end undoes. */
class View {
  readonly viewer: WhepViewer;
  readonly #undo: (() => void)[] = [];
  #ended = false;

  constructor(viewer: WhepViewer) {
    this.viewer = viewer;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Has something undone when the view ends: at once if it has ended. */
  atEnd(undo: () => void): void {
    if (this.#ended) undo();
    else this.#undo.push(undo);
  }

  /** Idempotent. */
  end(): void {
    this.#ended = true;
    for (const undo of this.#undo.splice(0)) undo();
  }
}

/** Each has threads of its own; beyond these, viewers are better off with another transport. */
const MOST_PEERS = 64;
const LOOK_EVERY_MS = 1_000;
const CONNECT_LIMIT_MS = 15_000;
/** A network that changes brings the viewer back within seconds, or not at all. */
const LOST_LIMIT_MS = 10_000;

export class Whep implements WhepPort {
  readonly #rooms: Rooms;
  readonly #views = new Map<string, View>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
    rooms.hub.join({
      dropped: (camera) => this.#endAll(({ viewer }) => viewer.camera === camera),
    });
  }

  /** See WhepPort. */
  async open(
    viewer: WhepViewer,
    offerText: string,
  ): Promise<{ readonly id: string; readonly answer: string }> {
    if (this.#views.size >= MOST_PEERS) {
      throw new NvrError('exhausted', `${MOST_PEERS} viewers watch over WebRTC, which is the most.`, {
        field: 'viewers',
      });
    }
    const offer = readOffer(offerText, this.#profileOf(viewer.camera));
    const { taps, config } = this.#rooms;
    const tap = taps.of(viewer.camera);
    const id = randomUUID();
    const view = this.#register(id, viewer);
    try {
      const peer = await WebRtcPeer.answer({ offer, audioCaps: tap.audioCaps, ports: config.webrtcPorts });
      view.atEnd(() => peer.close());
      if (view.ended) throw new NvrError('unavailable', 'The view was ended before it began.');
      view.atEnd(tap.listen(peer.ports));
      this.#watch(view, peer);
      return { id, answer: finishAnswer(peer.answer, offer, config.publicAddresses) };
    } catch (thrown) {
      view.end();
      throw thrown;
    }
  }

  /** See WhepPort. */
  close({ camera, user }: WhepViewer, id: string): void {
    const view = this.#views.get(id);
    if (view === undefined || view.viewer.camera !== camera || view.viewer.user !== user) {
      throw new NvrError('not-found', 'There is no such view, or it has ended.', { field: 'viewId' });
    }
    view.end();
  }

  /** See WhepPort. */
  closeAll(): void {
    this.#endAll(() => true);
  }

  #endAll(which: (view: View) => boolean): void {
    for (const view of [...this.#views.values()].filter(which)) view.end();
  }

  /** Before anything is negotiated, so that whoever ends views or takes the camera away ends this one too. */
  #register(id: string, viewer: WhepViewer): View {
    const { camera, user } = viewer;
    const view = new View(viewer);
    const draft = { camera, stream: 'main', transport: 'whep', user } as const;
    const handle = this.#rooms.viewers.add(draft, () => view.end());
    this.#views.set(id, view);
    view.atEnd(() => {
      this.#views.delete(id);
      handle.end();
    });
    return view;
  }

  /** Keeps the camera connected while it is watched, and ends the view when the viewer is gone. */
  #watch(view: View, peer: WebRtcPeer): void {
    const { clock, hub } = this.#rooms;
    const stream = hub.get(view.viewer.camera);
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
      if (lost) view.end();
    }, LOOK_EVERY_MS);
    view.atEnd(() => clearInterval(look));
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
