/**
 * Where a camera sends its source on to. `rtspsrc` follows the redirects of an RTSP server by itself (RFC 2326 §11.3) and
 * has no property against that; it says on the bus that it connects, and where to is in its own address by then. So a
 * redirect is judged while it is followed, and nothing of what it leads to is taken before.
 */
import type { Source } from '../domain/camera.ts';
import { messageOf } from '../domain/errors.ts';
import type { BusMessage } from './busMessage.ts';
import type { Failure } from './causes.ts';

/** Takes an address that the recorder may connect to. @throws NvrError `forbidden` */
export type ExpectAllowed = (url: string) => Promise<void>;

/** `rtspsrc` counts no redirects: two servers that name each other would keep it busy for ever. */
const MOST_CONNECTIONS = 10;

/** Of one pipeline. What was given is judged by whoever gives it; a pipeline that is not led elsewhere costs nothing. */
export class Redirects {
  readonly #expectAllowed: ExpectAllowed | null;
  readonly #onRefused: (refusal: Failure) => void;
  #at: string | null;
  #connections = 0;
  #judging: Promise<void> = Promise.resolve();
  #waiting = 0;
  #refusal: Failure | null = null;

  /**
   * @param expectAllowed null where any address will do
   * @param onRefused told once, of the first that will not
   */
  constructor(
    source: Source,
    expectAllowed: ExpectAllowed | null,
    onRefused: (refusal: Failure) => void = () => {},
  ) {
    this.#at = source.kind === 'rtsp' ? source.url : null;
    this.#expectAllowed = expectAllowed;
    this.#onRefused = onRefused;
  }

  /** Whether all it was led to may be connected to, as far as is known by now. */
  get isClear(): boolean {
    return this.#waiting === 0 && this.#refusal === null;
  }

  get refusal(): Failure | null {
    return this.#refusal;
  }

  /** Hears every message of the pipeline, before anything is done about it. */
  hear(message: BusMessage): void {
    if (this.#at === null || message.type !== 'connect') return;
    this.#connections++;
    if (this.#connections > MOST_CONNECTIONS) this.#refuse('in a circle.');
    else if (message.to !== this.#at) this.#follow(message.to);
  }

  /** When everything is judged that was heard so far. */
  async settled(): Promise<void> {
    await this.#judging;
  }

  #follow(url: string): void {
    this.#at = url;
    this.#waiting++;
    this.#judging = Promise.all([this.#judging, this.#judge(url)]).then(() => {
      this.#waiting--;
    });
  }

  async #judge(url: string): Promise<void> {
    try {
      await this.#expectAllowed?.(url);
    } catch (thrown) {
      this.#refuse(`elsewhere: ${messageOf(thrown)}`);
    }
  }

  #refuse(where: string): void {
    if (this.#refusal !== null) return;
    this.#refusal = { cause: 'not-found', message: `The camera leads ${where}` };
    this.#onRefused(this.#refusal);
  }
}
