/**
 * One WebRTC viewer (WHEP, draft-ietf-wish-whep): a pipeline from loopback ports to `webrtcbin`. What that is asked to
 * do it does on threads of its own. Its properties are polled until it is done, because a callback of it would run
 * on one of those threads.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { NvrError } from '../domain/errors.ts';
import type { Offer } from '../domain/sdp.ts';
import { call, Gst, type GstObject, type GstSessionDescription, webRtc } from './gst.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings, type Setting } from './plan.ts';
import { TAP_VIDEO_CAPS, type TapPorts } from './tap.ts';

export interface PeerOptions {
  readonly offer: Offer;
  /** RTP caps of the stream's sound as its tap sends it; null when there is none to send. */
  readonly audioCaps: string | null;
  /** UDP ports for ICE, both included; null lets the system choose. */
  readonly ports: { readonly from: number; readonly to: number } | null;
}

/** How the connection is; the words of RTCPeerConnectionState, in the order of GstWebRTCPeerConnectionState. */
const CONNECTIONS = ['new', 'connecting', 'connected', 'disconnected', 'failed', 'closed'] as const;
export type PeerConnection = (typeof CONNECTIONS)[number];

/** GstWebRTCSignalingState: an offer was taken. */
const HAVE_REMOTE_OFFER = 3;
/** GstWebRTCICEGatheringState. */
const GATHERED = 2;
const STEP_LIMIT_MS = 2_000;
const POLL_MS = 5;
/** Packets that pass any network. */
const MTU = 1_200;
/** A key frame arrives at once; the kernel drops what does not fit. */
const RECEIVE_BUFFER = 2 * 2 ** 20;

export class WebRtcPeer {
  readonly #pipeline: Pipeline;
  readonly #tracks: readonly ('video' | 'audio')[];
  #failed = false;
  #answer = '';
  /**
   * Held until `webrtcbin` is gone: node-gtk takes the floating reference that `webrtcbin` counts as its own, so the garbage
   * collector would take the ICE agent, and with it the thread that answers the viewer, from under the connection.
   */
  #ice: { readonly ice: GstObject; readonly agent: GstObject } | null = null;

  private constructor(options: PeerOptions) {
    const sound = options.audioCaps !== null && options.offer.audio !== null;
    this.#tracks = sound ? ['video', 'audio'] : ['video'];
    this.#pipeline = new Pipeline(launchText(options, sound), ({ type }) => {
      this.#failed ||= type === 'error' || type === 'eos';
    });
  }

  /**
   * Answers an offer. Media that is sent to `ports` reaches the viewer as soon as it has the answer.
   * @throws NvrError `invalid` with the field `offer` when it can't be answered, `unavailable` when this machine lacks
   *   what it takes, or a free port.
   */
  static async answer(options: PeerOptions): Promise<WebRtcPeer> {
    const peer = new WebRtcPeer(options);
    try {
      applySettings(peer.#pipeline, peer.#settings(options));
      peer.#limitIce(options.ports);
      peer.#pipeline.play();
      await peer.#negotiate(options.offer);
      return peer;
    } catch (thrown) {
      peer.close();
      throw thrown;
    }
  }

  /** The session description to send back. */
  get answer(): string {
    return this.#answer;
  }

  /** Where the stream is to be sent to. */
  get ports(): TapPorts {
    const port = (track: string) => Number(this.#pipeline.get(`${track}-in`, 'port'));
    return { video: port('video'), audio: this.#tracks.includes('audio') ? port('audio') : null };
  }

  get connection(): PeerConnection {
    if (this.#failed) return 'failed';
    return CONNECTIONS[this.#state('connection-state')] ?? 'closed';
  }

  /**
   * What the viewer said last of what it received (RFC 3550 §6.4.2), as text that changes with each report. Nothing else
   * tells that a viewer is gone: `webrtcbin` goes on calling it connected.
   */
  get report(): string {
    const session = call.emit.call(this.#pipeline.element('rtpbin'), 'get-session', 0);
    if (!isObject(session)) return '';
    const stats = String(call.getProperty.call(session, 'stats'));
    return (stats.match(/\brb-(?:exthighestseq|lsr|dlsr)\\*=[^,]*/g) ?? []).join();
  }

  /** Ends the connection and lets everything go, its ports and threads at once. Idempotent. */
  close(): void {
    this.#failed = true;
    const held = this.#ice;
    this.#ice = null;
    const rtc = held === null ? null : this.#rtc;
    this.#pipeline.close();
    if (held === null || rtc === null) return;
    // This ends the agent's thread, and frees the ICE agent: it is not to be touched from here on.
    call.runDispose.call(rtc);
    call.runDispose.call(held.agent);
  }

  #settings({ offer, audioCaps }: PeerOptions): Setting[] {
    const payload = { video: offer.video.payload, audio: offer.audio?.payload ?? 0 };
    const caps = { video: TAP_VIDEO_CAPS, audio: audioCaps ?? '' };
    const out = {
      video: `application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=${payload.video}`,
      audio: `application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=${payload.audio}`,
    };
    return this.#tracks.flatMap((track) => [
      { element: `${track}-in`, property: 'address', value: '127.0.0.1' },
      { element: `${track}-in`, property: 'port', value: 0 },
      { element: `${track}-in`, property: 'buffer-size', value: RECEIVE_BUFFER },
      { element: `${track}-in`, property: 'caps', caps: caps[track] },
      { element: `${track}-pay`, property: 'mtu', value: MTU },
      { element: `${track}-pay`, property: 'pt', value: payload[track] },
      { element: `${track}-out`, property: 'caps', caps: out[track] },
    ]);
  }

  /** Datagrams only, from the ports that a firewall lets pass; nothing is asked of routers. */
  #limitIce(ports: PeerOptions['ports']): void {
    const ice = call.getProperty.call(this.#rtc, 'ice-agent');
    if (!isObject(ice)) throw new NvrError('internal', 'webrtcbin has no ICE agent.');
    if (ports !== null) {
      call.setProperty.call(ice, 'min-rtp-port', ports.from);
      call.setProperty.call(ice, 'max-rtp-port', ports.to);
    }
    const agent = call.getProperty.call(ice, 'agent');
    if (!isObject(agent)) throw new NvrError('internal', 'webrtcbin has no ICE agent.');
    this.#ice = { ice, agent };
    call.setProperty.call(agent, 'ice-tcp', false);
    call.setProperty.call(agent, 'upnp', false);
  }

  async #negotiate({ text }: Offer): Promise<void> {
    const { Sdp, WebRTC } = webRtc();
    const [, sdp] = Sdp.SDPMessage.newFromText(text);
    const offer = WebRTC.WebRTCSessionDescription.new(WebRTC.WebRTCSDPType.OFFER, sdp);
    this.#emit('set-remote-description', offer, Gst.Promise.new());
    await this.#until(() => this.#state('signaling-state') === HAVE_REMOTE_OFFER);

    const promise = Gst.Promise.new();
    this.#emit('create-answer', Gst.Structure.newEmpty('options'), promise);
    // Its thread has just shown that it runs; making an answer takes it a millisecond.
    promise.wait();
    const answer = promise.getReply()?.getValue('answer')?.getBoxed();
    if (answer === undefined || answer === null) throw unanswerable();
    this.#emit('set-local-description', answer, Gst.Promise.new());
    await this.#until(() => this.#state('ice-gathering-state') === GATHERED);
    this.#answer = this.#localDescription();
  }

  #localDescription(): string {
    const description = call.getProperty.call(this.#rtc, 'local-description');
    if (!isDescription(description)) throw unanswerable();
    return description.sdp.asText();
  }

  async #until(done: () => boolean): Promise<void> {
    for (let waitedMs = 0; !done(); waitedMs += POLL_MS) {
      if (this.#failed || waitedMs > STEP_LIMIT_MS) throw unanswerable();
      await delay(POLL_MS);
    }
  }

  #state(property: string): number {
    return Number(this.#pipeline.get('rtc', property));
  }

  #emit(signal: string, ...values: readonly unknown[]): void {
    call.emit.call(this.#rtc, signal, ...values);
  }

  get #rtc() {
    return this.#pipeline.element('rtc');
  }
}

function launchText({ audioCaps }: PeerOptions, sound: boolean): string {
  const video = 'udpsrc name=video-in ! rtph264depay ! rtph264pay name=video-pay config-interval=-1';
  const chains = [
    'webrtcbin name=rtc bundle-policy=max-bundle',
    `${video} aggregate-mode=zero-latency ! capsfilter name=video-out ! rtc.`,
  ];
  if (sound) {
    const toOpus = 'avdec_aac ! audioconvert ! audioresample ! opusenc frame-size=20';
    const opus = /encoding-name=(?:\(string\))?OPUS/i.test(audioCaps ?? '');
    const coded = opus ? 'rtpopusdepay' : `rtpmp4gdepay ! aacparse ! ${toOpus}`;
    chains.push(
      `udpsrc name=audio-in ! ${coded} ! rtpopuspay name=audio-pay ! capsfilter name=audio-out ! rtc.`,
    );
  }
  return chains.join(' ');
}

function unanswerable(): NvrError {
  return new NvrError('invalid', 'This offer can’t be answered.', { field: 'offer' });
}

function isObject(value: unknown): value is GstObject {
  return typeof value === 'object' && value !== null;
}

function isDescription(value: unknown): value is GstSessionDescription {
  return typeof value === 'object' && value !== null && 'sdp' in value;
}
