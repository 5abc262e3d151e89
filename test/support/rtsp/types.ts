/**
 * What a test sees of the camera simulator: what it asks for, which faults it can cause and what it can count.
 * The server inside the process and the one in a process of its own have the same face.
 */
import type { VideoFootage } from '../footage.ts';

export type AudioKind = 'none' | 'aac' | 'pcma' | 'opus';

export interface CameraOptions {
  /** The path of the URL without its leading slash; it may hold a query (`live?channel=1`). */
  readonly path: string;
  readonly video: VideoFootage;
  /** `none` when absent. */
  readonly audio?: AudioKind;
  /** The number in the camera's stamps, 0–9999; its place in the list, from 1, when absent. */
  readonly number?: number;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type Auth = { readonly scheme: 'none' } | ({ readonly scheme: 'basic' | 'digest' } & Credentials);

export interface RtspServerOptions {
  readonly cameras: readonly CameraOptions[];
  /** No authentication when absent. */
  readonly auth?: Auth;
  /** `127.0.0.1` when absent. */
  readonly host?: string;
  /** Any free port when absent or 0. */
  readonly port?: number;
  /** Whether each video frame carries a stamp (`stamps.ts`); false when absent. */
  readonly stamp?: boolean;
}

/** What a test can do to a camera while it is being watched. */
export type Fault =
  /** Sends no media, keeps the connection and answers requests; when it ends, all that was due is sent at once. */
  | { readonly kind: 'stall'; readonly on: boolean }
  /** A stall that ends by itself. */
  | { readonly kind: 'pause'; readonly ms: number }
  /** Sends no media; when it ends, goes on at the next keyframe and what was due meanwhile is lost. */
  | { readonly kind: 'freeze'; readonly on: boolean }
  /** Ends every connection with RST, or with FIN. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'fin' }
  /** Resets every connection and answers 503 until `up`. */
  | { readonly kind: 'down' }
  | { readonly kind: 'up' }
  /** Accepts connections, answers nothing, sends nothing. */
  | { readonly kind: 'blackhole'; readonly on: boolean }
  /** From the next keyframe on another resolution in the same codec; a second swap goes back. */
  | { readonly kind: 'swap' }
  /** The next video frames are lost on the way: their stamps and RTP sequence numbers never arrive. */
  | { readonly kind: 'drop'; readonly frames: number }
  /** Every RTP timestamp from now on is this much later (or earlier, when negative). */
  | { readonly kind: 'timestampJump'; readonly seconds: number }
  /** Sends no audio, though it is announced. */
  | { readonly kind: 'noAudio'; readonly on: boolean }
  /** Flips a byte in every packet. */
  | { readonly kind: 'garbage'; readonly on: boolean };

/** What a camera has done since the server was started or restarted. */
export interface CameraCounters {
  readonly path: string;
  /** Clients that are playing now. */
  readonly clients: number;
  readonly plays: number;
  /** Requests that carried wrong credentials. */
  readonly authFailures: number;
  /** Video frames sent, over all clients. */
  readonly frames: number;
  /** When the newest of them was sent, in epoch ms; null before the first. */
  readonly lastSentMs: number | null;
  /** Bytes of RTP packets sent, video and audio, over all clients. */
  readonly bytes: number;
  /** Frames withheld because a client read too slowly, or to go on at a keyframe after a freeze. */
  readonly withheld: number;
}

export interface WaitOptions {
  /** Only this camera's clients; all cameras' when absent. */
  readonly camera?: string;
  /** 10,000 when absent. */
  readonly timeoutMs?: number;
}

export interface RtspServer {
  readonly host: string;
  /** The port listened on, also after a restart. */
  readonly port: number;
  /** The URL of the camera at `path`, with percent-encoded credentials when they are given. */
  url(path: string, credentials?: Credentials): string;
  /** Causes a fault at one camera, or at all when no path is given. Throws when there is no such camera. */
  fault(fault: Fault, path?: string): Promise<void>;
  /** The counters of every camera, in the order they were given. */
  counters(): Promise<readonly CameraCounters[]>;
  /** Waits until at least `count` clients are playing; throws when they are not in time. */
  waitForClients(count: number, options?: WaitOptions): Promise<void>;
  /** Closes the listener and breaks every connection at once, as a power cut would. */
  kill(): Promise<void>;
  /** Listens on the same port again, as after a reboot: no faults, new sessions, counters at zero. */
  restart(): Promise<void>;
  /** Ends the server for good. */
  close(): Promise<void>;
}
