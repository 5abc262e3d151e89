/** The payload of one `mdat` as the pieces in which it arrived. Bytes are never copied here. */
import { malformed } from './boxes.ts';
import type { PlacedSample } from './moof.ts';

/** A sample together with the payload that holds its bytes at `at`. */
export interface StoredSample extends PlacedSample {
  readonly payload: Payload;
}

/** Consecutive pieces of memory that are read as one. */
export class Payload {
  readonly #pieces: readonly Buffer[];
  readonly bytes: number;

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
    this.bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /**
   * The sample with its bytes at `at` in this payload.
   * @throws NvrError `invalid` when there are no such bytes.
   */
  place(sample: PlacedSample, at: number): StoredSample {
    if (at < 0 || at + sample.size > this.bytes) throw malformed('samples lie outside their mdat');
    return { ...sample, at, payload: this };
  }

  /** Views of the bytes from `start` up to `end`, in order. */
  slice(start: number, end: number): Buffer[] {
    const views: Buffer[] = [];
    let at = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(start - at, 0);
      const to = Math.min(end - at, piece.length);
      if (from < to) views.push(piece.subarray(from, to));
      at += piece.length;
    }
    return views;
  }
}

/** Views of the bytes of the samples, in order; samples that lie side by side share one. */
export function payloadOf(samples: readonly StoredSample[]): Buffer[] {
  const views: Buffer[] = [];
  for (let index = 0; index < samples.length; ) {
    const first = samples[index];
    if (first === undefined) break;
    let end = first.at;
    for (
      let next = samples[index];
      next?.payload === first.payload && next.at === end;
      next = samples[index]
    ) {
      end += next.size;
      index++;
    }
    views.push(...first.payload.slice(first.at, end));
  }
  return views;
}
