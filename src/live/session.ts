/**
 * One client's live view of any number of cameras over one connection. What a client does, or fails to do, ends here:
 * its queue is bounded, and a client that lags is skipped forward to the next key fragment.
 */
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraOf } from '../domain/ids.ts';
import type { RunFragment } from '../mp4/types.ts';
import type { HubDoor } from './hub.ts';
import { Outbox } from './outbox.ts';
import {
  type ClientMessage,
  type EndCause,
  HEADER_BYTES,
  mediaHeader,
  parseClientMessage,
  type ServerMessage,
} from './protocol.ts';
import type { LiveStream } from './stream.ts';
import type { ViewerHandle, ViewerRegistry } from './viewers.ts';

/** A connection that messages can be put into. */
export interface LiveTransport {
  text(message: string): void;
  /** One message of two parts; the parts are shared with others and not to be changed. */
  binary(header: Buffer, body: Buffer): void;
  /** Bytes that were put in and have not left yet. */
  readonly queuedBytes: number;
  /** Ends it for a reason the client is told (RFC 6455 §7.4). */
  close(code: number, reason: string): void;
}

interface Channel {
  readonly number: number;
  readonly camera: CameraId;
  readonly stream: LiveStream;
  readonly viewer: ViewerHandle;
  readonly unsubscribe: () => void;
  /** The run whose init segment was sent. */
  runId: string | null;
  paused: boolean;
  /** Fragments left out since the last one that was sent; waits for a key fragment while this is not 0. */
  skipping: number;
  skippedInAll: number;
  /** Wall time of the newest fragment that was sent. */
  sentMs: number;
}

/** A client that does not take this much is behind: about two seconds of a large wall. */
const BEHIND_BYTES = 4 * 2 ** 20;
/**
 * A wall of cameras begins with a group of pictures of each, which is more. Who has so much on its way already, by asking
 * anew for instance, waits for the next keyframe.
 */
const MOST_BEGUN_BYTES = 64 * 2 ** 20;
/** It gets media again when so little is left. */
const CAUGHT_UP_BYTES = 2 ** 19;
const MOST_CHANNELS = 64;
/** So many mistakes make a client that is broken or means harm. */
const MOST_ERRORS = 50;
/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;

export class LiveSession {
  readonly #hub: HubDoor;
  readonly #viewers: ViewerRegistry;
  readonly #transport: LiveTransport;
  readonly #user: string;
  readonly #outbox = new Outbox();
  readonly #channels = new Map<CameraId, Channel>();
  #nextChannel = 1;
  #errors = 0;

  constructor(hub: HubDoor, viewers: ViewerRegistry, transport: LiveTransport, user: string) {
    this.#hub = hub;
    this.#viewers = viewers;
    this.#transport = transport;
    this.#user = user;
    hub.join(this);
  }

  /** Takes one message of the client; a bad one is answered, too many of them end the connection. */
  receive(text: string): void {
    let camera: CameraId | undefined;
    try {
      const message = parseClientMessage(text);
      camera = message.camera;
      this.#obey(message);
    } catch (thrown) {
      if (!(thrown instanceof NvrError)) throw thrown;
      this.#refuse(thrown.message, camera);
    }
  }

  /** The connection is gone. Idempotent. */
  close(): void {
    for (const { unsubscribe, viewer } of this.#channels.values()) {
      unsubscribe();
      viewer.end();
    }
    this.#channels.clear();
    this.#hub.leave(this);
  }

  /** A camera was deleted. */
  dropped(camera: CameraId): void {
    this.#end(camera, 'deleted');
  }

  #refuse(detail: string, camera: CameraId | undefined): void {
    this.#errors++;
    if (this.#errors > MOST_ERRORS) this.#transport.close(POLICY_VIOLATION, 'Too many mistakes.');
    else this.#tell({ type: 'error', detail, ...(camera === undefined ? {} : { camera }) });
  }

  #obey({ type, camera }: ClientMessage): void {
    switch (type) {
      case 'subscribe':
        this.#subscribe(camera);
        break;
      case 'unsubscribe':
        this.#end(camera, 'unsubscribed');
        break;
      case 'pause':
        this.#channel(camera).paused = true;
        break;
      case 'resume':
        this.#resume(this.#channel(camera));
        break;
    }
  }

  #subscribe(camera: CameraId): void {
    const before = this.#channels.get(camera);
    if (before !== undefined) {
      this.#begin(before);
      return;
    }
    if (this.#channels.size >= MOST_CHANNELS) {
      throw new NvrError('exhausted', `A connection carries ${MOST_CHANNELS} cameras at most.`);
    }
    const stream = this.#hub.get(camera);
    const main = cameraOf(camera);
    const name = camera === main ? 'main' : 'sub';
    const draft = { camera: main, stream: name, transport: 'ws', user: this.#user } as const;
    const viewer = this.#viewers.add(draft, () => this.#end(camera, 'closed'));
    const channel: Channel = {
      number: this.#nextChannel++ & 0xffff,
      camera,
      stream,
      viewer,
      unsubscribe: stream.ring.subscribe((entry) => this.#offer(channel, entry)),
      runId: null,
      paused: false,
      skipping: 0,
      skippedInAll: 0,
      sentMs: 0,
    };
    this.#channels.set(camera, channel);
    this.#begin(channel);
  }

  /** Also for who subscribes twice: from the beginning again. */
  #begin(channel: Channel): void {
    const { camera, number } = channel;
    channel.runId = null;
    this.#tell({ type: 'subscribed', camera, channel: number });
    this.#catchUp(channel);
  }

  /** From the newest keyframe on, so that there is a picture at once. */
  #catchUp(channel: Channel): void {
    const entries = channel.stream.ring.fromLastKey();
    if (this.#transport.queuedBytes > MOST_BEGUN_BYTES) {
      channel.skipping += entries.length;
      channel.skippedInAll += entries.length;
      return;
    }
    channel.skipping = 0;
    for (const entry of entries) this.#send(channel, entry);
  }

  #resume(channel: Channel): void {
    if (!channel.paused) return;
    channel.paused = false;
    this.#catchUp(channel);
  }

  #offer(channel: Channel, entry: RunFragment): void {
    if (channel.paused) return;
    this.#deliver(channel, entry);
    const { skipping, sentMs, skippedInAll, viewer } = channel;
    const waitedMs = this.#outbox.lagMs(this.#transport.queuedBytes, entry.startMs);
    const lagMs = skipping > 0 ? Math.max(waitedMs, entry.startMs - sentMs) : waitedMs;
    viewer.update({ lagMs, skipped: skippedInAll });
  }

  #deliver(channel: Channel, entry: RunFragment): void {
    const behind = this.#transport.queuedBytes > (channel.skipping > 0 ? CAUGHT_UP_BYTES : BEHIND_BYTES);
    const resumes = channel.skipping > 0 && entry.fragment.key && !behind;
    if (behind || (channel.skipping > 0 && !resumes)) {
      channel.skipping++;
      channel.skippedInAll++;
      return;
    }
    if (resumes) this.#tell({ type: 'skipped', channel: channel.number, fragments: channel.skipping });
    channel.skipping = 0;
    this.#send(channel, entry);
  }

  #send(channel: Channel, entry: RunFragment): void {
    const { fragment, startMs, runId } = entry;
    const { startTicks, key } = fragment;
    if (channel.runId !== runId) this.#sendInit(channel, entry);
    const kind = key ? 'key' : 'fragment';
    const header = mediaHeader({ kind, channel: channel.number, startTicks, startMs });
    this.#transport.binary(header, channel.stream.bytesOf(entry));
    this.#outbox.put(HEADER_BYTES + fragment.byteLength, startMs);
    channel.sentMs = startMs;
  }

  #sendInit(channel: Channel, { init, runId, fragment, startMs }: RunFragment): void {
    const { number } = channel;
    const { width, height } = init.video;
    channel.runId = runId;
    this.#tell({ type: 'init', channel: number, runId, codecs: init.codecs, width, height });
    const header = mediaHeader({ kind: 'init', channel: number, startTicks: fragment.startTicks, startMs });
    this.#transport.binary(header, init.bytes);
  }

  #end(camera: CameraId, cause: EndCause): void {
    const channel = this.#channels.get(camera);
    if (channel === undefined) return;
    channel.unsubscribe();
    channel.viewer.end();
    this.#channels.delete(camera);
    this.#tell({ type: 'ended', channel: channel.number, cause });
  }

  #channel(camera: CameraId): Channel {
    const channel = this.#channels.get(camera);
    if (channel === undefined) throw new NvrError('not-found', `${camera} is not subscribed.`);
    return channel;
  }

  #tell(message: ServerMessage): void {
    if (!('camera' in message) || message.camera === undefined) this.#transport.text(JSON.stringify(message));
    else this.#transport.text(JSON.stringify({ ...message, ...streamName(message.camera) }));
  }
}

/** A second stream by the names that the client gave. */
function streamName(key: string): { readonly camera: string; readonly stream?: 'sub' } {
  const camera = cameraOf(key as CameraId);
  return camera === key ? { camera } : { camera, stream: 'sub' };
}
