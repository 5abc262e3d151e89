/**
 * A track: what a camera plays in a loop. It is made once per process and shared by every camera and client
 * that plays it.
 */
import type { Frame } from './packets.ts';

export interface Track {
  readonly media: 'video' | 'audio';
  readonly payloadType: number;
  /** Ticks of the RTP clock per second. */
  readonly clockHz: number;
  /** Average frames per second. */
  readonly fps: number;
  readonly frames: readonly Frame[];
  /** Length of the loop in ticks. */
  readonly length: number;
  /** The `a=` lines that describe the format in SDP (RFC 8866). */
  readonly attributes: readonly string[];
}
