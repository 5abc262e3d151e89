/**
 * Stamps: an SEI message in every video frame that says which camera sent it, which frame it is and when it
 * was sent. They survive everything that does not re-encode, so a recording can be checked for lost, doubled
 * and reordered frames by looking for them in its bytes. All of it is printable ASCII, which emulation
 * prevention (H.264 §7.4.1) never touches.
 */
import { readFile } from 'node:fs/promises';
import type { VideoCodec } from '../footage.ts';

/** One frame as its sender knew it. */
export interface Stamp {
  readonly camera: number;
  /** Grows by one per frame, also over restarts of the camera's server; in decoding order. */
  readonly frame: number;
  /** When it was sent, in epoch milliseconds. */
  readonly sentMs: number;
}

/** The `uuid_iso_iec_11578` of the message (H.264 §D.1.7). */
const UUID = Buffer.from('nightjar-stamp-1', 'latin1');
const DIGITS = { camera: 4, frame: 12, sentMs: 13 };
const TEXT_BYTES = DIGITS.camera + DIGITS.frame + DIGITS.sentMs;
const USER_DATA_UNREGISTERED = 5;
const NAL_HEADER = { h264: [6], h265: [39 << 1, 1] } as const;

/** A SEI NAL unit with an empty stamp, and where the stamp's text begins in it. */
export function stampNal(codec: VideoCodec): { readonly bytes: Buffer; readonly stampAt: number } {
  const head = [...NAL_HEADER[codec], USER_DATA_UNREGISTERED, UUID.length + TEXT_BYTES];
  const text = Buffer.alloc(TEXT_BYTES, '0');
  const bytes = Buffer.concat([Buffer.from(head), UUID, text, Buffer.from([0x80])]);
  return { bytes, stampAt: head.length + UUID.length };
}

/** Writes the text of a stamp at `offset` of a frame made from `stampNal`. */
export function writeStamp(bytes: Buffer, offset: number, { camera, frame, sentMs }: Stamp): void {
  const text =
    String(camera).padStart(DIGITS.camera, '0') +
    String(frame).padStart(DIGITS.frame, '0') +
    String(sentMs).padStart(DIGITS.sentMs, '0');
  bytes.write(text, offset, 'latin1');
}

/**
 * The stamps in an MP4 or Annex B stream given as bytes, or in files given by path, in the order they stand
 * there (which is decoding order). Bytes without stamps give none.
 */
export async function readStamps(source: Uint8Array | string | readonly string[]): Promise<Stamp[]> {
  if (source instanceof Uint8Array) return scan(source);
  const stamps: Stamp[] = [];
  for (const file of typeof source === 'string' ? [source] : source)
    stamps.push(...scan(await readFile(file)));
  return stamps;
}

function scan(source: Uint8Array): Stamp[] {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const stamps: Stamp[] = [];
  for (let at = bytes.indexOf(UUID); at >= 0; at = bytes.indexOf(UUID, at + 1)) {
    const start = at + UUID.length;
    const text = bytes.toString('latin1', start, start + TEXT_BYTES);
    // A recording cut in the middle of a stamp has the UUID but not all of the digits.
    if (text.length < TEXT_BYTES || !/^\d+$/.test(text)) continue;
    const camera = text.slice(0, DIGITS.camera);
    const frame = text.slice(DIGITS.camera, DIGITS.camera + DIGITS.frame);
    const sentMs = text.slice(DIGITS.camera + DIGITS.frame);
    stamps.push({ camera: Number(camera), frame: Number(frame), sentMs: Number(sentMs) });
  }
  return stamps;
}

/** What the stamps of one camera say about a recording. */
export interface StampCheck {
  /** Different frames present. */
  readonly frames: number;
  /** Frames between the first and the last that are absent. */
  readonly lost: number;
  /** Frames present more than once, counted per surplus copy. */
  readonly doubled: number;
  /** Places where a frame is followed by an earlier one. */
  readonly backward: number;
  /** Send times of the first and the last stamp in the list, in epoch ms; absent when it is empty. */
  readonly firstSentMs: number | undefined;
  readonly lastSentMs: number | undefined;
}

/** Checks the stamps of one camera, in the order they were recorded. Throws when they are of several cameras. */
export function checkStamps(stamps: readonly Stamp[]): StampCheck {
  const cameras = new Set(stamps.map((stamp) => stamp.camera));
  if (cameras.size > 1) throw new Error(`Stamps of several cameras: ${[...cameras].join(', ')}.`);
  const seen = new Set<number>();
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let backward = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (const { frame } of stamps) {
    if (frame < previous) backward += 1;
    previous = frame;
    lowest = Math.min(lowest, frame);
    highest = Math.max(highest, frame);
    seen.add(frame);
  }
  return {
    frames: seen.size,
    lost: seen.size === 0 ? 0 : highest - lowest + 1 - seen.size,
    doubled: stamps.length - seen.size,
    backward,
    firstSentMs: stamps.at(0)?.sentMs,
    lastSentMs: stamps.at(-1)?.sentMs,
  };
}
