/**
 * The sound of a device that is away while its picture is recorded: remembers why, looks for it from time to time, and
 * tells when it went and when it is back. The picture is interrupted for a moment to take the sound in again, so sound
 * that comes and goes is looked for less and less often.
 */
import type { Source } from '../domain/camera.ts';
import { FIRST_SOUND_LOOK_MS, nextSoundLookMs, SOUND_STEADY_MS } from '../domain/soundLook.ts';
import type { Trouble } from '../domain/source.ts';
import type { Failure, Surroundings } from './doors.ts';
import type { StreamSetup } from './openRun.ts';

export class SoundWatch {
  readonly #around: Surroundings;
  readonly #of: Pick<StreamSetup, 'cameraId' | 'stream'>;
  readonly #onBack: () => void;
  #silent: Trouble | null = null;
  #lookMs = FIRST_SOUND_LOOK_MS;
  /** When the sound was found, by the monotonic clock. */
  #heardMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param onBack the sound can be had again */
  constructor(around: Surroundings, of: Pick<StreamSetup, 'cameraId' | 'stream'>, onBack: () => void) {
    this.#around = around;
    this.#of = of;
    this.#onBack = onBack;
  }

  /** Why there is no sound; null when none is missing. */
  get silent(): Trouble | null {
    return this.#silent;
  }

  /** What a look at the source says of its sound. */
  found(silent: Failure | null): void {
    const now = this.#around.clock.monotonic();
    if (silent === null) this.#heardMs = now;
    else if (now - this.#heardMs > SOUND_STEADY_MS) this.#lookMs = FIRST_SOUND_LOOK_MS;
    this.#tell(silent);
  }

  /** The picture is recorded: sound that is away is looked for from now on. */
  watch(source: Source): void {
    if (this.#silent !== null) this.#lookLater(source);
  }

  /** The source is another: what was missing of the one before is no news. */
  forget(): void {
    this.#silent = null;
    this.#lookMs = FIRST_SOUND_LOOK_MS;
  }

  /** The picture is not recorded either: whoever connects anew finds out about the sound. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookLater(source: Source): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(source), this.#lookMs);
  }

  async #look(source: Source): Promise<void> {
    const timer = this.#timer;
    const silent = await this.#around.media.hear?.(source).catch(() => this.#silent);
    if (timer !== this.#timer) return;
    if (silent !== null) {
      this.#tell(silent ?? this.#silent);
      return this.#lookLater(source);
    }
    this.#lookMs = nextSoundLookMs(this.#lookMs);
    this.#onBack();
  }

  #tell(silent: Trouble | null): void {
    const before = this.#silent;
    this.#silent = silent === null ? null : { cause: silent.cause, message: silent.message };
    if (silent?.cause === before?.cause || this.#of.stream !== 'main') return;
    const fields = { camera: this.#of.cameraId, cause: silent?.cause, reason: silent?.message };
    if (silent === null) this.#around.log.info(fields, 'the sound is recorded again');
    else this.#around.log.warn(fields, 'the picture is recorded without its sound');
    this.#around.onSound?.(this.#of.cameraId, silent);
  }
}
