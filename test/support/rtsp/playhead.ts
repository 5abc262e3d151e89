/** A place in a looping track, and the clock of what comes next. */
import type { Frame } from './packets.ts';
import type { Track } from './track.ts';

export class Playhead {
  #track: Track;
  #index = 0;
  /** Ticks from the start of playing to the start of this round of the loop. */
  #round = 0;

  /** Begins with the first frame of the track. */
  constructor(track: Track) {
    this.#track = track;
  }

  get track(): Track {
    return this.#track;
  }

  get next(): Frame {
    const frame = this.#track.frames[this.#index];
    if (frame === undefined) throw new Error('A track without frames.');
    return frame;
  }

  /** When the next frame is due, in milliseconds from the start of playing. */
  get nextDueMs(): number {
    return ((this.#round + this.next.due) * 1000) / this.#track.clockHz;
  }

  /** The next frame and when it is shown, in ticks from the start of playing; moves on by one. */
  take(): { readonly frame: Frame; readonly ticks: number } {
    const frame = this.next;
    const ticks = this.#round + frame.at;
    this.#index += 1;
    if (this.#index === this.#track.frames.length) {
      this.#index = 0;
      this.#round += this.#track.length;
    }
    return { frame, ticks };
  }

  /** Goes on with another track of the same clock, in place of the next frame of this one. */
  playFrom(track: Track): void {
    if (track === this.#track) return;
    this.#round += this.next.due;
    this.#index = 0;
    this.#track = track;
  }
}
