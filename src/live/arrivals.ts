/** Requests that wait for media that has not arrived yet. */
import { NvrError } from '../domain/errors.ts';

/** More than this wait for one stream only when somebody means harm. */
const MOST_WAITING = 500;

interface Waiting {
  /** Settles what waits, if what it waits for is there. */
  readonly look: () => void;
}

export class Arrivals {
  readonly #waiting = new Set<Waiting>();

  /**
   * What `look` finds; it is called at once, and again after each arrival.
   * @param look gives null as long as there is nothing; what it throws ends the waiting
   * @param limitMs after so many milliseconds it is given up
   * @throws NvrError `unavailable` when it is given up, or when too many wait already
   */
  async until<T>(look: () => T | null, limitMs: number): Promise<T> {
    const found = look();
    if (found !== null) return found;
    if (this.#waiting.size >= MOST_WAITING) {
      throw new NvrError('unavailable', 'Too many requests wait for this camera.');
    }
    return await new Promise<T>((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        act();
      };
      // Made when it is needed: an error takes note of where it was made, which few of those who wait need.
      const late = () => new NvrError('unavailable', 'The camera has not delivered what was waited for.');
      // A request that waits does not keep the process, whose connections are ended.
      const timer = setTimeout(() => settle(() => reject(late())), limitMs).unref();
      const waiting: Waiting = {
        look() {
          try {
            const arrived = look();
            if (arrived !== null) settle(() => resolve(arrived));
          } catch (thrown) {
            settle(() => reject(thrown));
          }
        },
      };
      this.#waiting.add(waiting);
    });
  }

  /** Something has arrived, or nothing will any more: all that wait look again. */
  announce(): void {
    for (const { look } of [...this.#waiting]) look();
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }
}
