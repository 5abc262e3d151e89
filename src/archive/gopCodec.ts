/**
 * The GOP list of a segment as a compact blob, for the `gops` column. Per GOP three LEB128 numbers: its
 * bytes, and the difference of its duration in ticks and of its frames from the GOP before (zigzag-coded), which
 * are zero with a steady camera. GOPs follow each other without holes, so offsets and start times are sums.
 */

import { NvrError } from '../domain/errors.ts';
import type { Gop } from '../domain/media.ts';
import { ticks } from '../domain/ticks.ts';

/**
 * Encodes consecutive GOPs: each begins where the one before ends, in bytes and in ticks, and the first at
 * tick 0. @throws RangeError when they don't.
 */
export function encodeGops(gops: readonly Gop[]): Buffer {
  const out: number[] = [];
  let offset = gops[0]?.offset ?? 0;
  let start = 0;
  let before = { durationTicks: 0, frames: 0 };
  for (const gop of gops) {
    if (gop.offset !== offset || gop.startTicks !== start) {
      throw new RangeError('GOPs of a segment follow each other without holes');
    }
    putVarint(out, gop.bytes);
    putVarint(out, zigzag(gop.durationTicks - before.durationTicks));
    putVarint(out, zigzag(gop.frames - before.frames));
    offset += gop.bytes;
    start += gop.durationTicks;
    before = gop;
  }
  return Buffer.from(out);
}

/**
 * Decodes what `encodeGops` made; `headerBytes` is the offset of the first GOP in its file.
 * @throws NvrError `internal` when the blob is cut or malformed.
 */
export function decodeGops(blob: Buffer, headerBytes: number): Gop[] {
  const reader = { blob, at: 0 };
  const gops: Gop[] = [];
  let offset = headerBytes;
  let start = 0;
  let duration = 0;
  let frames = 0;
  while (reader.at < blob.length) {
    const bytes = takeVarint(reader);
    duration += unzigzag(takeVarint(reader));
    frames += unzigzag(takeVarint(reader));
    gops.push({ offset, bytes, startTicks: ticks(start), durationTicks: ticks(duration), frames });
    offset += bytes;
    start += duration;
  }
  return gops;
}

// Arithmetic instead of bit operations: these are 32 bits wide in JavaScript, a size in bytes may be more.
function putVarint(out: number[], value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} cannot be coded`);
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}

function takeVarint(reader: { readonly blob: Buffer; at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = reader.blob[reader.at++];
    if (byte === undefined || value > Number.MAX_SAFE_INTEGER) {
      throw new NvrError('internal', 'The index holds a damaged list of GOPs.');
    }
    value += (byte % 0x80) * scale;
    if (byte < 0x80) return value;
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
