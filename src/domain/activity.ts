/**
 * How much moves in a picture, told from the sizes of its inter-coded frames alone: what does not move is predicted
 * well and costs few bytes. A size means nothing by itself, so frames are compared with what such frames of this camera
 * usually cost: key frames are left out, frames of different places in the prediction (P, referenced B, B) are told
 * apart by how long they are held back before they are shown, and "usually" follows slowly, so that night, rain or
 * another bit rate are soon nothing special. Pure; sums are kept in place, because it sees every frame of every camera.
 */

/** Activity is this many times the deviation from the baseline, in spreads of it. */
export const ACTIVITY_PER_SPREAD = 50;
export const MOST_ACTIVITY = 250;

/** Consecutive frames in decoding order, evenly spread over an interval. */
export interface FrameRun {
  readonly startMs: number;
  readonly endMs: number;
  /** Whether the first is a key frame. */
  readonly key: boolean;
  /** Size of each, in bytes. */
  readonly bytes: readonly number[];
  /** Time of each from its decoding to its presentation, in any unit that is the same for all. */
  readonly delays: readonly number[];
  /** Length of them all, in the unit of the delays. */
  readonly duration: number;
}

/** Of one whole second of UTC. */
export interface SecondActivity {
  /** Since 1970. */
  readonly second: number;
  /** 0–250; null while the baseline is not known yet. */
  readonly activity: number | null;
}

/** What frames of one kind usually cost, as the logarithm of their bytes to the base of 2, second by second. */
interface Baseline {
  usual: number;
  spread: number;
  seconds: number;
  /** Seconds in a row that were far from usual. */
  away: number;
}

/** What a kind of frame cost in the second that goes on. */
interface Costs {
  sum: number;
  frames: number;
}

/** The baseline follows with this time constant, in seconds. */
const SLOWNESS = 120;
/** Before so many seconds, nobody knows what is usual. */
const LEARNING = 10;
const FIRST_SPREAD = 0.4;
/** Sizes never vary by less than a tenth. */
const LEAST_SPREAD = 0.15;
/** A single second moves the baseline no further than this many spreads would. */
const MOST_PULL = 2.5;
/** From this deviation on, in spreads, a second is far from usual. */
const FAR = 2;
/** What stays far from usual for so many seconds is followed twice as fast: it is another scene and no movement. */
const PATIENCE = 30;
/** Of a normal distribution, the standard deviation is so many times the mean deviation. */
const DEVIATION = 1.25;
const MOST_KINDS = 8;
/** The mean of so many seconds is told: frames are decoded before they are shown, and a second has few of a kind. */
const SMOOTHED = 2;

export class ActivityMeter {
  readonly #baselines = new Map<number, Baseline>();
  readonly #costs = new Map<number, Costs>();
  #second: number | null = null;
  #before: number | null = null;

  /** Another encoder, or other settings of it: nothing is usual any more. */
  reset(): void {
    this.#baselines.clear();
    this.#costs.clear();
    this.#second = null;
    this.#before = null;
  }

  /** Takes the next frames; gives the seconds that they complete. Seconds without frames are left out. */
  add({ startMs, endMs, key, bytes, delays, duration }: FrameRun): SecondActivity[] {
    const done: SecondActivity[] = [];
    const count = bytes.length;
    for (let index = 0; index < count; index++) {
      const second = Math.floor((startMs + ((endMs - startMs) * index) / count) / 1000);
      if (this.#second !== second) {
        if (this.#second !== null) done.push({ second: this.#second, activity: this.#close() });
        this.#second = second;
      }
      if (key && index === 0) continue;
      const kind = duration > 0 ? Math.round(((delays[index] ?? 0) * count) / duration) : 0;
      this.#note(Math.min(MOST_KINDS - 1, Math.max(0, kind)), Math.log2(Math.max(1, bytes[index] ?? 1)));
    }
    return done;
  }

  #note(kind: number, cost: number): void {
    const costs = this.#costs.get(kind);
    if (costs === undefined) {
      this.#costs.set(kind, { sum: cost, frames: 1 });
      return;
    }
    costs.sum += cost;
    costs.frames++;
  }

  /** Ends the second that goes on. */
  #close(): number | null {
    let [sum, frames] = [0, 0];
    for (const [kind, costs] of this.#costs) {
      if (costs.frames === 0) continue;
      const deviation = this.#compare(kind, costs.sum / costs.frames);
      if (deviation !== null) {
        sum += deviation * costs.frames;
        frames += costs.frames;
      }
      costs.sum = 0;
      costs.frames = 0;
    }
    // A second may have nothing but a key frame: then it is as the one before.
    const now = frames === 0 ? this.#before : sum / frames;
    const told = now === null ? null : (now + (this.#before ?? now) * (SMOOTHED - 1)) / SMOOTHED;
    this.#before = now;
    if (told === null) return null;
    return Math.min(MOST_ACTIVITY, Math.max(0, Math.round(told * ACTIVITY_PER_SPREAD)));
  }

  /** How far a second is from usual, in spreads; null while that is being learnt. Learns from it. */
  #compare(kind: number, cost: number): number | null {
    const baseline = this.#baselines.get(kind);
    if (baseline === undefined) {
      this.#baselines.set(kind, { usual: cost, spread: FIRST_SPREAD, seconds: 1, away: 0 });
      return null;
    }
    const spread = Math.max(baseline.spread, LEAST_SPREAD);
    const difference = cost - baseline.usual;
    const deviation = difference / spread;
    baseline.seconds++;
    baseline.away = Math.abs(deviation) > FAR ? baseline.away + 1 : 0;
    const pace = Math.max(1 / baseline.seconds, 1 / SLOWNESS) * (1 + baseline.away / PATIENCE);
    const most = MOST_PULL * spread;
    const pull = Math.min(most, Math.max(-most, difference));
    baseline.usual += Math.min(1, pace) * pull;
    baseline.spread +=
      Math.min(1, pace) * (Math.min(most, Math.abs(difference) * DEVIATION) - baseline.spread);
    return baseline.seconds <= LEARNING ? null : deviation;
  }
}
