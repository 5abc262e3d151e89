/** The list of cameras that another server has for this recorder: fetched at the start, again and again until it came. */
import { setTimeout as delay } from 'node:timers/promises';
import { retryDelayMs } from '../domain/backoff.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { type LegacyCamera, readLegacyCamera } from '../domain/legacy.ts';
import { isRecord } from '../domain/record.ts';

interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

const ANSWER_LIMIT_MS = 10_000;
const LONGEST_ANSWER = 4 * 2 ** 20;

export class LegacyBoot {
  readonly #url: string | null;
  readonly #register: (camera: LegacyCamera) => Promise<unknown>;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #done: boolean;

  /** @param url of the server; null when there is none, and so nothing to wait for */
  constructor(url: string | null, register: (camera: LegacyCamera) => Promise<unknown>, log: Log) {
    this.#url = url;
    this.#register = register;
    this.#log = log;
    this.#done = url === null;
  }

  /** Whether every camera of the list was started. */
  get done(): boolean {
    return this.#done;
  }

  /** Goes on until it succeeds or is stopped. What was known before records in the meantime. */
  async run(random: () => number): Promise<void> {
    for (let attempt = 1; this.#url !== null && !this.#done && !this.#stop.signal.aborted; attempt++) {
      try {
        await this.#fetch(this.#url);
        this.#done = true;
      } catch (thrown) {
        const waitMs = retryDelayMs(attempt, 'not-found', random());
        this.#log.warn({ why: messageOf(thrown), waitMs }, 'the boot list of cameras did not come');
        await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  close(): void {
    this.#stop.abort();
  }

  async #fetch(url: string): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const answer = await fetch(new URL('/api/boot/start', url), { signal, redirect: 'error' });
    if (!answer.ok)
      throw new NvrError('unavailable', `The server of the boot list answered ${answer.status}.`);
    const text = await answer.text();
    const list: unknown = text.length > LONGEST_ANSWER ? null : JSON.parse(text);
    if (!Array.isArray(list)) throw new NvrError('invalid', 'The boot list is no array.');
    const cameras = list.map((each) => readLegacyCamera(isRecord(each) ? each : {}));
    for (const camera of cameras) await this.#register(camera);
    this.#log.info({ cameras: cameras.length }, 'the cameras of the boot list were started');
  }
}
