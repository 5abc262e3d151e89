/** What is known of a stream's media: shared words of probe, run, index and playlists. Plain data only. */
import type { Ticks } from './ticks.ts';

export interface VideoFormat {
  readonly codec: 'h264' | 'h265';
  readonly width: number;
  readonly height: number;
  /** Nominal frames per second; 0 when the stream does not say. */
  readonly fps: number;
  /** GStreamer's media type of what arrives, when that is decoded and encoded anew. */
  readonly encodedFrom?: string;
}

export interface AudioFormat {
  /** As it arrives; what mp4 cannot carry is transcoded to AAC. */
  readonly codec: 'aac' | 'opus' | 'mp3' | 'ac3' | 'pcma' | 'pcmu' | 'g722' | 'g726' | 'l16' | 'other';
  /** RTP encoding name (RFC 4855), upper case, or GStreamer's media type: decides how it is unpacked. */
  readonly encoding: string;
  readonly sampleRate: number;
  readonly channels: number;
}

/** What a source offers. */
export interface StreamFormat {
  readonly video: VideoFormat;
  readonly audio: AudioFormat | null;
  /** Pictures one after the other, in no container that a demuxer is found for. */
  readonly multipart?: true;
}

/** Consecutive fragments from one key fragment up to the next: the unit of seeking. */
export interface Gop {
  /** Offset of the first byte in the segment file, and the length in bytes. */
  readonly offset: number;
  readonly bytes: number;
  /** From the segment's start. */
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  readonly frames: number;
}
