/**
 * The RTP of a running stream besides its way to the muxer, for viewers who can't wait for a fragment to be complete
 * (WebRTC). Each track goes as datagrams to loopback ports: whoever is slow or gone loses datagrams, and the
 * streaming thread that also records neither waits nor fails. Closed by a valve while nobody listens.
 */
import type { CameraId } from '../domain/ids.ts';
import type { AudioFormat, StreamFormat } from '../domain/media.ts';
import type { Setting } from './plan.ts';

/** UDP ports on 127.0.0.1 that want a stream. */
export interface TapPorts {
  readonly video: number;
  /** Null when no sound is wanted. */
  readonly audio: number | null;
}

/** A pipeline that has a tap; told for each listener that comes and goes. */
export interface TappedPipeline {
  connect(ports: TapPorts): void;
  disconnect(ports: TapPorts): void;
  /** RTP caps of its sound; null when it has none to send, or none yet. */
  readonly audioCaps: string | null;
}

/** Who listens to one stream, over all its runs. */
export class Tap {
  readonly #listeners = new Set<TapPorts>();
  #pipeline: TappedPipeline | null = null;

  /** See TappedPipeline; null while nothing runs. */
  get audioCaps(): string | null {
    return this.#pipeline?.audioCaps ?? null;
  }

  /** Sends the stream to these ports until the returned function is called. */
  listen(ports: TapPorts): () => void {
    this.#pipeline?.connect(ports);
    this.#listeners.add(ports);
    return () => {
      if (this.#listeners.delete(ports)) this.#pipeline?.disconnect(ports);
    };
  }

  /** A new run plays: those who listened to the last one hear this one, or nothing; the run goes on in any case. */
  attach(pipeline: TappedPipeline): void {
    this.#pipeline = pipeline;
    for (const ports of this.#listeners) {
      try {
        pipeline.connect(ports);
      } catch {
        this.#listeners.delete(ports);
      }
    }
  }

  /** The run is over; nothing is asked of its pipeline any more. */
  detach(pipeline: TappedPipeline): void {
    if (this.#pipeline === pipeline) this.#pipeline = null;
  }
}

/** The taps of all streams: of a camera's second stream under its `subKey`. */
export class Taps {
  readonly #taps = new Map<CameraId, Tap>();

  /** The tap of a stream, made when it is first asked for. */
  of(stream: CameraId): Tap {
    const tap = this.#taps.get(stream) ?? new Tap();
    this.#taps.set(stream, tap);
    return tap;
  }

  /** The stream is no more. */
  drop(stream: CameraId): void {
    this.#taps.delete(stream);
  }
}

/** RTP caps that a tap of H.264 video sends, without the parameter sets, which are in band. */
export const TAP_VIDEO_CAPS = 'application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=96';

/** A datagram on the loopback interface can be as large as UDP allows: fewer of them cost less. */
const LOOPBACK_MTU = 60_000;
/** GstValveDropMode: end of stream and caps pass a closed valve; without them the pipeline would never end. */
const FORWARD_STICKY_EVENTS = 1;

/** Names of the elements of a track's tap, all with a prefix by which their troubles are told from the recording's. */
export const TAP_PREFIX = 'tap-';

/** Tracks of a stream that are tapped: H.264 and AAC or Opus; nothing else can be sent over WebRTC. */
export function tappedTracks(format: StreamFormat): ('video' | 'audio')[] {
  if (format.video.codec !== 'h264') return [];
  return format.audio !== null && payloader(format.audio) !== null ? ['video', 'audio'] : ['video'];
}

/** The branch of one track behind its `tee`, as launch text. */
export function tapBranch(track: 'video' | 'audio', format: StreamFormat): string {
  const pay =
    track === 'video' ? 'rtph264pay aggregate-mode=zero-latency config-interval=-1' : payloader(format.audio);
  return (
    `${TAP_PREFIX}${track}. ! valve name=${TAP_PREFIX}${track}-valve drop=true ! ` +
    `errorignore name=${TAP_PREFIX}${track}-guard ignore-error=true ignore-notnegotiated=true ! ` +
    `${pay} name=${TAP_PREFIX}${track}-pay ! ` +
    `multiudpsink name=${TAP_PREFIX}${track}-sink sync=false async=false force-ipv4=true`
  );
}

export function tapSettings(track: 'video' | 'audio'): Setting[] {
  const name = `${TAP_PREFIX}${track}`;
  return [
    { element: `${name}-valve`, property: 'drop-mode', value: FORWARD_STICKY_EVENTS },
    { element: `${name}-pay`, property: 'mtu', value: LOOPBACK_MTU },
    { element: `${name}-pay`, property: 'pt', value: track === 'video' ? 96 : 97 },
  ];
}

/** What is in the muxer's queue is AAC for most encodings; null for what has no payload format here. */
function payloader(audio: AudioFormat | null): string | null {
  switch (audio?.codec) {
    case undefined:
    case 'mp3':
    case 'ac3':
      return null;
    case 'opus':
      return 'rtpopuspay';
    default:
      return 'rtpmp4gpay';
  }
}
