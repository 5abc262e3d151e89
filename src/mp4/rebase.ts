/**
 * The only place that patches times: moves fragments between the clock of their run and that of a file or of a
 * playlist, by their `tfdt` boxes.
 */
import { TICKS_PER_SECOND, type Ticks } from '../domain/ticks.ts';
import { type Box, boxesIn, malformed, needBox } from './boxes.ts';
import { AUDIO_TRACK } from './init.ts';
import { dropLeadingSamples, readTfdt } from './moof.ts';
import { rescale } from './timescale.ts';
import type { Fragment } from './types.ts';

interface Move {
  readonly traf: Box;
  readonly tfdt: Box;
  readonly trackId: number;
  /** The new decode time, in the track's timescale. */
  readonly time: number;
}

/**
 * Adds `shift` to the decode time of every track in `bytes`, in place; `-shift` is the exact inverse.
 * @param bytes consecutive whole boxes, of which every `moof` is patched; must not be shared
 * @param timescales ticks per second by track id
 * @throws NvrError `invalid` when a time would be below zero or more than its box can hold, a track is unknown,
 *   or the boxes are malformed; then nothing has been changed.
 */
export function rebase(bytes: Buffer, shift: Ticks, timescales: ReadonlyMap<number, number>): void {
  const moves = boxesIn(bytes)
    .filter(({ type }) => type === 'moof')
    .flatMap((moof) => movesOf(moof, shift, timescales));
  for (const move of moves) check(move);
  for (const { tfdt, time } of moves) writeTfdt(tfdt, time);
}

/**
 * The fragment's bytes `shift` later: a patched copy of its `moof`, and the payload untouched. Where a file begins,
 * sound that was late may belong before its zero: what ends there is left out of the description (a `free` box
 * takes its room, so that all lengths stay), and what reaches over it begins at zero.
 * @returns chunks of the same total length as the fragment's
 * @throws NvrError `invalid` when video would begin below zero, and like `rebase`.
 */
export function rebaseChunks(
  fragment: Pick<Fragment, 'chunks'>,
  shift: Ticks,
  timescales: ReadonlyMap<number, number>,
): Buffer[] {
  const [first, ...payload] = fragment.chunks;
  if (first === undefined) throw malformed('a fragment without bytes');
  const copy = Buffer.from(first);
  for (const move of movesOf(needBox(boxesIn(copy), 'moof'), shift, timescales)) {
    const time = move.trackId === AUDIO_TRACK && move.time < 0 ? fromZero(move) : move.time;
    check({ ...move, time });
    writeTfdt(move.tfdt, time);
  }
  return [copy, ...payload];
}

/** Drops the samples that end before zero, and gives the time of the first that is left. */
function fromZero({ traf, time }: Move): number {
  return Math.max(0, dropLeadingSamples(traf, -time) + time);
}

function movesOf(moof: Box, shift: Ticks, timescales: ReadonlyMap<number, number>): Move[] {
  return boxesIn(moof.body)
    .filter(({ type }) => type === 'traf')
    .map((traf) => {
      const boxes = boxesIn(traf.body);
      const header = needBox(boxes, 'tfhd').body;
      const trackId = header.length < 8 ? 0 : header.readUInt32BE(4);
      const timescale = timescales.get(trackId);
      if (timescale === undefined) throw malformed(`a fragment belongs to the unknown track ${trackId}`);
      const tfdt = needBox(boxes, 'tfdt');
      const time = readTfdt(tfdt) + rescale(shift, TICKS_PER_SECOND, timescale);
      return { traf, tfdt, trackId, time };
    });
}

function check({ tfdt, time }: Move): void {
  const largest = tfdt.body[0] === 1 ? Number.MAX_SAFE_INTEGER : 2 ** 32 - 1;
  if (time < 0) throw malformed('a time would be below zero');
  if (time > largest) throw malformed('a time is too large');
}

function writeTfdt(tfdt: Box, time: number): void {
  if (tfdt.body[0] === 1) tfdt.body.writeBigUInt64BE(BigInt(time), 4);
  else tfdt.body.writeUInt32BE(time, 4);
}
