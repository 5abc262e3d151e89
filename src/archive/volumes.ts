/**
 * The media folders together: which one takes the next file, which one is out of use and since when it is back. What
 * proves that a folder is the right one is in `volume.ts`.
 */
import { messageOf, NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Disk } from './disk.ts';
import { gatedDisk } from './gate.ts';
import type { Log } from './records.ts';
import type { Volume } from './volume.ts';
import { stateOf, type VolumeHealth, type VolumeState } from './volumeHealth.ts';

/** How the volume of a new file is chosen: each camera keeps to one, or the one with the most free space. */
export type Placement = 'camera' | 'free-space';

export interface VolumesOptions {
  readonly placement: Placement;
  /** Each volume is looked at this often, in ms, so that one that goes or comes back is noticed. */
  readonly retryMs: number;
  readonly disk: Disk;
  readonly log: Log;
  /** Told when a volume that was out of use is back. */
  readonly onBack: (volume: Volume) => void;
  /** The wall clock, to say since when. */
  readonly now: () => EpochMs;
}

interface Seen {
  readonly state: VolumeState;
  readonly sinceMs: EpochMs;
}

export class Volumes {
  readonly all: readonly Volume[];
  /** The disks of all volumes, by absolute paths; each with its own bounds. */
  readonly disk: Disk;
  readonly #options: VolumesOptions;
  readonly #looks = new Map<Volume, NodeJS.Timeout>();
  readonly #seen = new Map<Volume, Seen>();
  #closed = false;

  constructor(all: readonly Volume[], options: VolumesOptions) {
    this.all = all;
    this.#options = options;
    this.disk = gatedDisk(options.disk, (path) => this.#at(path).gate);
    for (const volume of all) {
      this.#note(volume);
      this.#lookLater(volume);
    }
  }

  /** How one of them is doing. @throws NvrError `not-found`. */
  healthOf(volumeId: number): VolumeHealth {
    const volume = this.all.find(({ id }) => id === volumeId);
    if (volume === undefined) throw new NvrError('not-found', `There is no media folder ${volumeId}.`);
    const { state, sinceMs } = this.#note(volume);
    const writeDelayMs = Math.round(volume.gate.writing.slowestMs);
    return { state, sinceMs, reason: volume.trouble?.message ?? null, writeDelayMs };
  }

  /**
   * The volume for the next file of a camera, just proved to be there and to be the right one.
   * @throws NvrError when none can be used: what is wrong with the one that was wanted most.
   */
  async choose(camera: CameraId): Promise<Volume> {
    let first: unknown = null;
    for (const volume of await this.#byPreference(camera)) {
      try {
        if (volume.trouble !== null) throw volume.trouble;
        await volume.verify();
        return volume;
      } catch (error) {
        this.suspect(volume, error);
        first ??= error;
      }
    }
    throw first ?? new NvrError('unavailable', 'There is no media folder.');
  }

  /** Whether a file is not there for certain: its volume is, and answers. */
  async isGone(volume: Volume, file: string): Promise<boolean> {
    try {
      if (await this.disk.exists(file)) return false;
      await volume.verify();
      return true;
    } catch {
      return false;
    }
  }

  /** Whether a file could be begun now. */
  get usable(): boolean {
    return this.all.some(({ trouble }) => trouble === null);
  }

  /** Takes a volume out of use that failed; it is tried again from time to time. */
  suspect(volume: Volume, error: unknown): void {
    if (volume.trouble !== null) return;
    volume.takeOut(troubleOf(error));
    this.#note(volume);
    this.#options.log.error({ err: error, folder: volume.path }, 'a media folder was taken out of use');
  }

  /** Ends the trying. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#looks.values()) clearTimeout(timer);
    this.#looks.clear();
  }

  #at(path: string): Volume {
    const volume = this.all.find((each) => path.startsWith(`${each.path}/`));
    if (volume === undefined) throw new NvrError('internal', `${path} lies in no media folder.`);
    return volume;
  }

  /** What was seen of it, and since when it is so. */
  #note(volume: Volume): Seen {
    const state = stateOf(volume.trouble);
    const before = this.#seen.get(volume);
    if (before?.state === state) return before;
    const seen = { state, sinceMs: this.#options.now() };
    this.#seen.set(volume, seen);
    return seen;
  }

  #lookLater(volume: Volume): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      void this.#look(volume).finally(() => this.#lookLater(volume));
    }, this.#options.retryMs);
    this.#looks.set(volume, timer.unref());
  }

  /** One in use has to be there; one out of use comes back when it takes data. */
  async #look(volume: Volume): Promise<void> {
    const { trouble } = volume;
    try {
      await (trouble === null ? volume.verify() : volume.probe());
    } catch (error) {
      if (this.#closed) return;
      // It may have another trouble by now.
      if (trouble !== null) volume.takeOut(troubleOf(error));
      else this.suspect(volume, error);
      return;
    }
    if (this.#closed || trouble === null) return;
    volume.takeBack();
    this.#note(volume);
    this.#options.log.warn({ folder: volume.path }, 'a media folder is in use again');
    this.#options.onBack(volume);
  }

  async #byPreference(camera: CameraId): Promise<readonly Volume[]> {
    if (this.all.length < 2) return this.all;
    const weights = new Map<Volume, number>();
    for (const volume of this.all) weights.set(volume, await this.#weight(volume, camera));
    return [...this.all].sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
  }

  async #weight(volume: Volume, camera: CameraId): Promise<number> {
    if (this.#options.placement === 'camera') return hash(`${volume.uuid}/${camera}`);
    return volume.trouble === null ? await volume.freeBytes().catch(() => 0) : 0;
  }
}

function troubleOf(error: unknown): NvrError {
  return error instanceof NvrError ? error : new NvrError('unavailable', messageOf(error));
}

/**
 * FNV-1a with a final mix. The highest of a camera and each volume decides (rendezvous hashing), so that a volume
 * that comes or goes moves only the cameras that have to move.
 */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 15)) >>> 0;
}
