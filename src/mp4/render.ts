/** The parts of a laid-out movie as bytes: what one file contributes to a table, and where its samples lie. */

import { uint32s } from './boxes.ts';
import type { TablePart, TrackInFile } from './progressive.ts';
import { CHUNK_BYTES, chunksOf, type SampleIndex, type TrackTables } from './sampleIndex.ts';
import type { Chunk } from './samples.ts';

/** Consecutive bytes of a file. */
export interface Piece {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * What a file contributes to a table.
 * @param where as in the part's list of files
 * @param index the file's; its front is what the movie was laid out with
 * @param mediaAt as of the layout
 */
export function renderTable(
  { track: kind, table }: TablePart,
  where: TrackInFile,
  index: SampleIndex,
  mediaAt: number,
): Buffer {
  const track = kind === 'video' ? index.video : index.audio;
  if (track === null) return Buffer.alloc(0);
  switch (table) {
    case 'stts':
      return Buffer.concat([track.stts, uint32s(1, where.lastDuration)]);
    case 'ctts':
      return track.ctts;
    case 'stss':
      return raised(track.stss, where.samplesBefore);
    case 'stsz':
      return track.stsz;
    case 'stsc':
      return samplesToChunks(track, where.chunksBefore);
    case 'co64':
      return chunkOffsets(track, index, mediaAt + where.mediaBefore);
  }
}

/** The bytes of a file that are its samples, in the order of the file, which is theirs in the movie too. */
export function mediaPieces(index: SampleIndex): Piece[] {
  const pieces: Piece[] = [];
  for (const { offset, bytes } of chunksInOrder(index)) {
    const open = pieces.at(-1);
    if (open !== undefined && open.offset + open.bytes === offset) {
      pieces[pieces.length - 1] = { offset: open.offset, bytes: open.bytes + bytes };
    } else {
      pieces.push({ offset, bytes });
    }
  }
  return pieces;
}

/** The bytes `[from, to)` of the pieces together. */
export function slicePieces(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const kept: Piece[] = [];
  let at = 0;
  for (const { offset, bytes } of pieces) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, bytes);
    if (start < end) kept.push({ offset: offset + start, bytes: end - start });
    at += bytes;
  }
  return kept;
}

function chunksInOrder({ video, audio }: SampleIndex): Chunk[] {
  const chunks = [...chunksOf(video), ...(audio === null ? [] : chunksOf(audio))];
  return chunks.sort((a, b) => a.offset - b.offset);
}

function raised(numbers: Buffer, by: number): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(numbers.readUInt32BE(at) + by, at);
  return bytes;
}

/** §8.7.4: an entry where the number of samples of a chunk is another than of the one before. */
function samplesToChunks({ chunkList, stscRuns }: TrackTables, chunksBefore: number): Buffer {
  const bytes = Buffer.alloc(stscRuns * 12);
  let at = 0;
  let before = -1;
  for (let chunk = 0; chunk * CHUNK_BYTES < chunkList.length; chunk++) {
    const samples = chunkList.readUInt32BE(chunk * CHUNK_BYTES);
    if (samples === before) continue;
    bytes.writeUInt32BE(chunksBefore + chunk + 1, at);
    bytes.writeUInt32BE(samples, at + 4);
    bytes.writeUInt32BE(1, at + 8);
    at += 12;
    before = samples;
  }
  return bytes;
}

/**
 * Of both tracks' chunks, in the order of the file, those of one. A day has half a million: nothing is made for each but
 * its entry.
 */
function chunkOffsets(
  { chunkList: own }: TrackTables,
  { video, audio }: SampleIndex,
  mediaAt: number,
): Buffer {
  const other = (own === video.chunkList ? audio?.chunkList : video.chunkList) ?? Buffer.alloc(0);
  const table = Buffer.alloc((own.length / CHUNK_BYTES) * 8);
  let at = mediaAt;
  let passed = 0;
  for (let chunk = 0; chunk < own.length; chunk += CHUNK_BYTES) {
    const offset = longAt(own, chunk + 8);
    for (; passed < other.length && longAt(other, passed + 8) < offset; passed += CHUNK_BYTES) {
      at += other.readUInt32BE(passed + 4);
    }
    table.writeUInt32BE(Math.floor(at / 2 ** 32), chunk / 2);
    table.writeUInt32BE(at % 2 ** 32, chunk / 2 + 4);
    at += own.readUInt32BE(chunk + 4);
  }
  return table;
}

/** Below 2⁵³: without the detour by a BigInt. */
function longAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
