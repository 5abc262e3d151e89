/** Reads scattered bytes of a file in large blocks, one ahead of whoever takes them. */

import { NvrError } from '../domain/errors.ts';
import type { Piece } from '../mp4/render.ts';
import type { Disk, DiskFile } from './disk.ts';

/** Large enough that the disk streams, small enough that many downloads fit into memory. */
const BLOCK_BYTES = 2 ** 20;
/** What lies between two pieces is read and thrown away, up to so much. */
const MAX_HOLE_BYTES = 2 ** 16;

/** Where blocks are put; undefined for new memory. */
export type BlockMemory = () => Buffer | undefined;

const newMemory: BlockMemory = () => undefined;

/**
 * The same two blocks in turn, for a reader that is done with one before it asks for the next. New memory for each
 * block keeps the garbage collector busier than all else.
 */
export function reusedBlocks(): BlockMemory {
  let [next, other] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  return () => {
    [next, other] = [other, next];
    return next;
  };
}

/** Pieces that are read at once. */
interface Block {
  readonly offset: number;
  readonly bytes: number;
  readonly pieces: readonly Piece[];
}

/**
 * The bytes of the pieces, in order. The file is open from the first block to the last, or until the reader stops.
 * @throws NvrError of the disk, and `internal` when the file is shorter.
 */
export async function* readPieces(
  disk: Disk,
  path: string,
  pieces: readonly Piece[],
  memory = newMemory,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await disk.open(path, 'read');
  let ahead: Promise<Buffer> | null = null;
  try {
    for (const block of blocksOf(pieces)) {
      const current: Promise<Buffer> | null = ahead;
      ahead = readBlock(file, path, block, memory());
      // Told when it is awaited.
      ahead.catch(() => undefined);
      if (current !== null) yield await current;
    }
    if (ahead !== null) yield await ahead;
  } finally {
    await ahead?.catch(() => undefined);
    await file.close();
  }
}

async function readBlock(
  file: DiskFile,
  path: string,
  { offset, bytes, pieces }: Block,
  memory: Buffer | undefined,
): Promise<Buffer> {
  const block = await file.read(offset, bytes, memory);
  if (block.length < bytes) throw new NvrError('internal', `${path} is shorter than the index says.`);
  let filled = 0;
  for (const piece of pieces) {
    const start = piece.offset - offset;
    block.copyWithin(filled, start, start + piece.bytes);
    filled += piece.bytes;
  }
  return block.subarray(0, filled);
}

function* blocksOf(pieces: readonly Piece[]): Generator<Block> {
  let open: { offset: number; end: number; pieces: Piece[] } | null = null;
  for (const piece of pieces.flatMap(cutUp)) {
    const end = piece.offset + piece.bytes;
    if (open !== null && end - open.offset <= BLOCK_BYTES && piece.offset - open.end <= MAX_HOLE_BYTES) {
      open.pieces.push(piece);
      open.end = end;
      continue;
    }
    if (open !== null) yield { offset: open.offset, bytes: open.end - open.offset, pieces: open.pieces };
    open = { offset: piece.offset, end, pieces: [piece] };
  }
  if (open !== null) yield { offset: open.offset, bytes: open.end - open.offset, pieces: open.pieces };
}

function cutUp({ offset, bytes }: Piece): Piece[] {
  return Array.from({ length: Math.ceil(bytes / BLOCK_BYTES) }, (_, index) => {
    const skipped = index * BLOCK_BYTES;
    return { offset: offset + skipped, bytes: Math.min(BLOCK_BYTES, bytes - skipped) };
  });
}
