/** Folders of footage and their cleaning as a source of events: looks at them now and then. */
import type { EventDraft } from '../domain/event.ts';

export interface WatchedVolume {
  readonly id: number;
  readonly path: string;
  /** Why it is out of use, for people; null while it is not. */
  readonly trouble: string | null;
  /** How many files are kept there because they are damaged. */
  readonly damagedFiles: number;
}

export interface Deleted {
  readonly segments: number;
  readonly bytes: number;
}

export interface VolumeDoors {
  volumes(): readonly WatchedVolume[];
  /** How many of the damaged files in a folder this start has found. */
  foundDamaged(path: string): number;
  publish(draft: EventDraft): unknown;
}

export class VolumeEvents {
  readonly #doors: VolumeDoors;
  readonly #troubles = new Map<number, string | null>();
  readonly #damaged = new Map<number, number>();

  constructor(doors: VolumeDoors) {
    this.#doors = doors;
    for (const { id, path, damagedFiles } of doors.volumes()) {
      this.#troubles.set(id, null);
      this.#damaged.set(id, damagedFiles - doors.foundDamaged(path));
    }
  }

  /** To be called every few seconds. */
  look(): void {
    for (const volume of this.#doors.volumes()) {
      const { id, path, trouble } = volume;
      this.#tellDamaged(volume);
      const before = this.#troubles.get(id) ?? null;
      if (before === trouble) continue;
      this.#troubles.set(id, trouble);
      const text =
        trouble === null
          ? `The folder ${path} is in use again.`
          : `The folder ${path} is out of use. ${trouble}`;
      // Another sentence about the same folder is the same trouble.
      if (before !== null && trouble !== null) continue;
      this.#doors.publish({
        kind: 'volume',
        text,
        data: { volume: id, folder: path, usable: trouble === null },
      });
    }
  }

  #tellDamaged({ id, path, damagedFiles }: WatchedVolume): void {
    const found = damagedFiles - (this.#damaged.get(id) ?? 0);
    this.#damaged.set(id, damagedFiles);
    if (found <= 0) return;
    this.#doors.publish({
      kind: 'volume',
      text: `The folder ${path} has ${found} more damaged files, which are kept; what is whole of them was copied.`,
      data: { volume: id, folder: path, damaged: found },
    });
  }
}
